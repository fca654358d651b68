"""A plain loop over OpenVINO, as somebody writes it who knows one model."""

import tempfile
from pathlib import Path
from typing import Any

import openvino
import torch
from typing_extensions import override

from benchmarks import corpora
from benchmarks.peers.hand_packed import HandPacked
from benchmarks.peers.last_layer import LastLayer
from benchmarks.peers.protocol import serve

CALIBRATION_ROWS = 60
CALIBRATION_WORDS = 200


class OpenVinoLoop(HandPacked):
    """Sorted, padded micro-batches, one request, outputs taken as they come.

    Args:
        options: "model" is the folder, "budget" the most wordpieces in a micro-batch, "arithmetic" OpenVINO's word for
            what it computes in; "quantized" has NNCF quantize weights and activations on other words of the same text.
    """

    packages = ("openvino", "nncf", "torch", "transformers")

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__({**options, "dtype": "float32"})
        self._model.set_attn_implementation("eager")
        graph = self._convert()
        if options.get("quantized"):
            graph = self._quantize(graph)
        settings = {"INFERENCE_PRECISION_HINT": options["arithmetic"], "PERFORMANCE_HINT": "LATENCY"}
        core = openvino.Core()
        with tempfile.TemporaryDirectory() as folder:  # the graph that was read folds constants
            path = Path(folder) / "model.xml"
            openvino.save_model(graph, path, compress_to_fp16=False)
            threads = {"INFERENCE_NUM_THREADS": torch.get_num_threads()}
            self._request = core.compile_model(core.read_model(path), "CPU", settings | threads).create_infer_request()

    @override
    def _run(self, ids: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        real = torch.ones_like(ids) if mask is None else mask
        return torch.from_numpy(self._request.infer([ids.numpy(), real.numpy()])[0])

    def _convert(self) -> Any:
        shape = openvino.PartialShape([-1, -1])
        ids = torch.full((2, 64), self._around[0])
        example = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
        inputs = [(name, shape, openvino.Type.i64) for name in example]
        return openvino.convert_model(LastLayer(self._model), example_input=example, input=inputs)

    def _quantize(self, graph: Any) -> Any:
        import nncf

        words = corpora.others(CALIBRATION_ROWS, CALIBRATION_WORDS)
        rows = [batch for _, *batch in self._batches(self._cut(words)[0])]
        inputs = [[ids.numpy(), (torch.ones_like(ids) if mask is None else mask).numpy()] for ids, mask in rows]
        return nncf.quantize(
            graph, nncf.Dataset(inputs), model_type=nncf.ModelType.TRANSFORMER, subset_size=CALIBRATION_ROWS
        )


if __name__ == "__main__":
    serve(OpenVinoLoop)
