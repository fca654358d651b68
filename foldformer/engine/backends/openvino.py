"""Run segments with OpenVINO: inference on processors, with the numbers of PyTorch, faster."""

import logging
from collections import deque
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from overrides import overrides
from torch import Tensor
from transformers import PreTrainedModel

from foldformer.engine.backends.backend import Backend, Chunks
from foldformer.engine.backends.openvino_graph import GraphModule, GraphStore, convert, graph_key, in_float32
from foldformer.engine.backends.quantization import Calibration, quantize
from foldformer.engine.batch_rules import batch_rule, least_width
from foldformer.engine.micro_batches import FlatWordpieces, Inputs, MicroBatch, padded_batches
from foldformer.engine.probing import FAILURES, are_equal_numbers, probing
from foldformer.engine.scalar_mix import ScalarMix
from foldformer.engine.segments import Segments
from foldformer.engine.transformer_facts import num_ids, padding_id

BATCH_TOKENS = 768
PADDING = 192
"""Most padding in a micro-batch, in wordpieces. With less there are more of few rows; each number is a new shape."""
WIDTHS = 16
"""Widths of micro-batches between a power of two and the next. OpenVINO compiles kernels for every new shape, and keeps
them: with all widths there are, new text took a tenth longer, and memory grew by 300 MB in 600,000 wordpieces."""
MOST_STREAMS = 8
"""Micro-batches that run at once, each on its share of the threads, which wait less for each other than in one matrix
product: on 16 processors, 8 of them are 1.2 times as fast as one. Each holds its activations."""
MOST_BEGUN = 32
"""Micro-batches of one run that wait for a stream, so that it finds one whatever the caller does meanwhile; each holds
its vectors."""
_PROBES = ((1, 1), (1, 3), (3, 17))
"""Rows and width of what is compared with PyTorch, in this order: some kernels go wrong only when shapes grow."""
_PADDED = 2
"""Places that are padded in what is compared."""
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
        longest: Wordpieces of the longest segment.
        max_batch_tokens: Most wordpieces in one micro-batch, padding included; None takes `BATCH_TOKENS`.
    """

    has_threads = True

    def __init__(
        self, graph: Any, module: GraphModule, arithmetic: Arithmetic, longest: int, max_batch_tokens: int | None = None
    ) -> None:
        import openvino

        self._num_streams = min(MOST_STREAMS, torch.get_num_threads())
        settings = {
            "INFERENCE_PRECISION_HINT": arithmetic,
            "NUM_STREAMS": self._num_streams,
            "INFERENCE_NUM_THREADS": torch.get_num_threads(),
        }
        self._compiled = openvino.Core().compile_model(graph, "CPU", settings)
        self._takes_type_ids = module.takes_type_ids
        self._longest = longest
        self._budget = max_batch_tokens or BATCH_TOKENS
        self._padding_id: int = padding_id(module.transformer)
        self._rule = batch_rule(module.transformer, torch.device("cpu"), packed=False)
        self._least_width = least_width(module.transformer, torch.device("cpu"))

    @property
    @overrides
    def block_tokens(self) -> int:
        """About how many wordpieces one run should have."""
        return MOST_BEGUN * self._budget

    @overrides
    def run(self, wordpieces: FlatWordpieces, segments: Segments) -> Chunks:
        """Begin at once, longest segments first, and yield every flat row's vector once."""
        layout = (self._budget, PADDING, self._padding_id, self._rule, self._least_width)
        round_width = self._round_width if self._rule is None else None
        batches = padded_batches(wordpieces, segments, *layout, round_width)
        first = islice(batches, MOST_BEGUN)
        begun = deque(self._begin(self._compiled.create_infer_request(), batch) for batch in first)
        return self._finish(begun, batches)

    def _begin(self, request: Any, batch: MicroBatch) -> tuple[Any, MicroBatch]:
        request.start_async(self._arrays(batch.inputs), share_inputs=True)
        return request, batch

    def _finish(self, begun: deque[tuple[Any, MicroBatch]], batches: Iterator[MicroBatch]) -> Chunks:
        """Wait for one micro-batch after the other, and begin with those that are left."""
        while begun:
            request, batch = begun.popleft()
            request.wait()
            hidden = request.get_output_tensor(0).data
            flat = hidden.reshape(-1, hidden.shape[-1])
            # copied, since the request is used again
            real = flat[: len(batch.flat_rows)].copy() if batch.places is None else flat[batch.places.numpy()]
            begun.extend(self._begin(request, following) for following in islice(batches, 1))
            yield batch.flat_rows, torch.from_numpy(real)

    def _round_width(self, width: int) -> int:
        step = max(1, (1 << width.bit_length() - 1) // WIDTHS)
        return max(width, min(-(-width // step) * step, self._longest))

    def may_pad(self, length: int, width: int) -> bool:
        """Tell whether a segment may share a micro-batch with a longer one."""
        return self._rule is None or length >= self._rule(width)

    def hidden_states(self, inputs: Inputs) -> Tensor:
        """Run one micro-batch. (rows, width) -> (rows, width, dim)"""
        request = self._compiled.create_infer_request()  # threads may not share one
        request.infer(self._arrays(inputs), share_inputs=True)
        return torch.from_numpy(request.get_output_tensor(0).data.copy())

    def _arrays(self, inputs: Inputs) -> list[NDArray[np.int64]]:
        ids = inputs["input_ids"]
        taken = [ids, inputs.get("attention_mask", torch.ones_like(ids))]
        if self._takes_type_ids:
            taken.append(inputs.get("token_type_ids", torch.zeros_like(ids)))
        return [tensor.numpy() for tensor in taken]


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
        backend = OpenVinoBackend(graph, module, arithmetic, longest, max_batch_tokens)
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
    """Compare with PyTorch on a few wordpieces, also padded, and on one row as long as any."""
    for rows, width in (*_PROBES, (1, longest)):
        ids = (torch.arange(rows * width).view(rows, width) * 7 + 1) % num_ids(module.transformer)
        with probing(module.transformer):
            expected = module.plain(ids)
        tried: list[Inputs] = [{"input_ids": ids}]
        if width + _PADDED <= longest and backend.may_pad(width, width + _PADDED):
            padding = torch.full((rows, _PADDED), padding_id(module.transformer))
            mask = torch.cat([torch.ones_like(ids), torch.zeros_like(padding)], dim=1)
            tried.append({"input_ids": torch.cat([ids, padding], dim=1), "attention_mask": mask})
        for inputs in tried:
            got = backend.hidden_states(inputs)[:, :width]
            if not are_equal_numbers(got.to(dtype), expected.to(dtype)):
                raise UnavailableError(f"OpenVINO gives other numbers than PyTorch for {rows} x {width} wordpieces")
