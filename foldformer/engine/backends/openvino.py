"""Run segments with OpenVINO: inference on processors, with the numbers of PyTorch, faster."""

import logging
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import torch
from overrides import overrides
from torch import Tensor
from transformers import PreTrainedModel

from foldformer.engine.backends.backend import Backend
from foldformer.engine.backends.openvino_graph import GraphModule, GraphStore, convert, graph_key, in_float32
from foldformer.engine.backends.quantization import Calibration, quantize
from foldformer.engine.batch_rules import batch_rule, least_width
from foldformer.engine.micro_batches import FlatWordpieces, Inputs, padded_batches
from foldformer.engine.probing import FAILURES, are_equal_numbers, probing
from foldformer.engine.scalar_mix import ScalarMix
from foldformer.engine.segments import Segments
from foldformer.engine.transformer_facts import num_ids, padding_id

BATCH_TOKENS = 2048
PADDING = 256
"""Wordpieces of padding that cost as much as one more micro-batch; found by measurement, as the budget was."""
_PROBES = ((1, 1), (1, 3), (3, 17))
"""Rows and width of what is compared with PyTorch, in this order: some kernels go wrong only when shapes grow."""
_CONVERSION_FAILURES = (*FAILURES, AttributeError, KeyError, AssertionError)

Arithmetic = Literal["f32", "bf16"]
"""What OpenVINO computes in, in its own words."""

logger = logging.getLogger(__name__)


class UnavailableError(Exception):
    """Why a transformer does not run with OpenVINO here; one line."""


class OpenVinoBackend(Backend):
    """A graph that is compiled for this processor.

    Args:
        graph: An `openvino.Model`, or the file of one.
        module: What it was made of.
        arithmetic: What it computes in.
        max_batch_tokens: Most wordpieces in one micro-batch, padding included; None takes `BATCH_TOKENS`.
    """

    has_threads = True

    def __init__(
        self, graph: Any, module: GraphModule, arithmetic: Arithmetic, max_batch_tokens: int | None = None
    ) -> None:
        import openvino

        settings = {
            "INFERENCE_PRECISION_HINT": arithmetic,
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": torch.get_num_threads(),
        }
        self._request = openvino.Core().compile_model(graph, "CPU", settings).create_infer_request()
        self._running = Lock()
        self._takes_type_ids = module.takes_type_ids
        self._budget = max_batch_tokens or BATCH_TOKENS
        self._padding_id: int = padding_id(module.transformer)
        self._rule = batch_rule(module.transformer, torch.device("cpu"), packed=False)
        self._least_width = least_width(module.transformer, torch.device("cpu"))

    @overrides
    def run(self, wordpieces: FlatWordpieces, segments: Segments) -> Iterator[tuple[Tensor, Tensor]]:
        """Run all segments, longest first, and yield every flat row's vector once."""
        layout = (self._budget, PADDING, self._padding_id, self._rule, self._least_width)
        for batch in padded_batches(wordpieces, segments, *layout):
            hidden = self.hidden_states(batch.inputs).flatten(0, 1).numpy()
            real = hidden[: len(batch.flat_rows)] if batch.places is None else hidden[batch.places.numpy()]
            yield batch.flat_rows, torch.from_numpy(real)

    def hidden_states(self, inputs: Inputs) -> Tensor:
        """Run one micro-batch. (rows, width) -> (rows, width, dim)"""
        ids = inputs["input_ids"]
        taken = [ids, inputs.get("attention_mask", torch.ones_like(ids))]
        if self._takes_type_ids:
            taken.append(inputs.get("token_type_ids", torch.zeros_like(ids)))
        with self._running:  # threads may share a request, but not at once
            self._request.infer([tensor.numpy() for tensor in taken], share_inputs=True)
            return torch.from_numpy(self._request.get_output_tensor(0).data.copy())


def openvino_backend(
    transformer: PreTrainedModel,
    mix: ScalarMix | None,
    *,
    dtype: torch.dtype,
    longest: int,
    max_batch_tokens: int | None = None,
    calibration: Calibration | None = None,
    cache_folder: Path | None = None,
) -> OpenVinoBackend:
    """Return a transformer's graph, compiled, that was seen to give PyTorch's numbers.

    It is converted once, and kept on disk for later processes.

    Args:
        transformer: On the CPU, in evaluation mode; its weights must not change while the backend is used.
        mix: Mixes all layers; None takes the last one.
        dtype: What to compute in, float32 or bfloat16.
        longest: Wordpieces of the longest segment.
        max_batch_tokens: Most wordpieces in one micro-batch; None takes what was best.
        calibration: Quantizes to int8 by what activations are on it; the rest computes in `dtype`. None: no int8.
        cache_folder: Where graphs are kept; None takes the user's cache folder.

    Raises:
        UnavailableError: OpenVINO is not installed, cannot convert the transformer, or gives other numbers.
    """
    arithmetic = _arithmetic(transformer, dtype)
    options = {} if calibration is None else {"nncf": _nncf_version(), "calibration": calibration.checksum}
    module = GraphModule(in_float32(transformer), mix)
    store = GraphStore(cache_folder)
    key = graph_key(module, **options)

    def compiled(graph: Any) -> OpenVinoBackend:
        backend = OpenVinoBackend(graph, module, arithmetic, max_batch_tokens)
        if calibration is None:
            _check_numbers(backend, module, dtype, longest)
        return backend

    def converted() -> Any:
        graph = convert(module)
        return graph if calibration is None else quantize(graph, calibration, list(module.example()))

    try:
        with store.making(key):
            found = store.find(key)
            if found is not None:
                try:
                    return compiled(found)
                except RuntimeError as error:
                    logger.warning("openvino: %s is damaged and made again (%s)", found, _first_line(error))
                    store.forget(key)
            return compiled(_kept(store, key, converted()))
    except _CONVERSION_FAILURES as error:
        reason = _first_line(error)
        raise UnavailableError(f"{type(transformer).__name__} cannot be converted ({reason})") from error


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


def _kept(store: GraphStore, key: str, graph: Any) -> Any:
    """Return the file of a graph, or the graph itself where it cannot be saved."""
    try:
        return store.keep(key, graph)
    except OSError as error:
        logger.warning("openvino: the converted transformer is not kept for later runs (%s)", error)
        return graph


def _arithmetic(transformer: PreTrainedModel, dtype: torch.dtype) -> Arithmetic:
    try:
        import openvino  # noqa: F401
    except ImportError as error:
        raise UnavailableError("openvino is not installed: pip install 'foldformer[openvino]'") from error
    if transformer.device.type != "cpu":
        raise UnavailableError(f"OpenVINO runs on processors, and this transformer is on {transformer.device.type}")
    if dtype not in (torch.float32, torch.bfloat16):
        raise UnavailableError(f"OpenVINO computes in float32 or bfloat16 here, not in {dtype}")
    return "f32" if dtype == torch.float32 else "bf16"


def _nncf_version() -> str:
    try:
        return version("nncf")
    except PackageNotFoundError as error:
        raise UnavailableError("nncf, which quantizes, is not installed: pip install 'foldformer[openvino]'") from error


def _check_numbers(backend: OpenVinoBackend, module: GraphModule, dtype: torch.dtype, longest: int) -> None:
    """Compare with PyTorch on a few wordpieces, and on one row as long as any."""
    for rows, width in (*_PROBES, (1, longest)):
        ids = (torch.arange(rows * width).view(rows, width) * 7 + 1) % num_ids(module.transformer)
        with probing(module.transformer):
            expected = module.plain(ids)
        if not are_equal_numbers(backend.hidden_states({"input_ids": ids}).to(dtype), expected.to(dtype)):
            raise UnavailableError(f"OpenVINO gives other numbers than PyTorch for {rows} x {width} wordpieces")
