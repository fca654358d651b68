"""A plain loop over ONNX Runtime, in float32, or with weights of eight bits and activations quantized as they come."""

import tempfile
from pathlib import Path
from typing import Any

import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from typing_extensions import override

from benchmarks.peers.hand_packed import HandPacked
from benchmarks.peers.last_layer import LastLayer
from benchmarks.peers.protocol import serve


class OnnxRuntime(HandPacked):
    """Sorted, padded micro-batches through one session.

    Args:
        options: "model" is the folder, "budget" the most wordpieces in a micro-batch; "quantized" quantizes.
    """

    packages = ("onnxruntime", "torch", "transformers")

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__({**options, "dtype": "float32"})
        self._model.set_attn_implementation("eager")
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = torch.get_num_threads()
        with tempfile.TemporaryDirectory() as folder:
            path = self._export(Path(folder))
            if options.get("quantized"):
                quantize_dynamic(path, path.with_name("int8.onnx"), weight_type=QuantType.QInt8)
                path = path.with_name("int8.onnx")
            self._session = onnxruntime.InferenceSession(path, settings, providers=["CPUExecutionProvider"])

    @override
    def _run(self, ids: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        real = torch.ones_like(ids) if mask is None else mask
        inputs = {"input_ids": ids.numpy(), "attention_mask": real.numpy()}
        return torch.from_numpy(self._session.run(None, inputs)[0])

    def _export(self, folder: Path) -> Path:
        ids = torch.full((2, 64), self._around[0])
        names = ["input_ids", "attention_mask"]
        axes = {name: {0: "rows", 1: "width"} for name in (*names, "hidden")}
        torch.onnx.export(
            LastLayer(self._model).eval(), (ids, torch.ones_like(ids)), folder / "model.onnx", dynamo=False,
            input_names=names, output_names=["hidden"], dynamic_axes=axes,
        )  # fmt: skip
        return folder / "model.onnx"


if __name__ == "__main__":
    serve(OnnxRuntime)
