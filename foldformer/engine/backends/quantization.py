"""Quantize a graph to 8-bit integers after training: weights and activations of the matrix products.

Activations are scaled by what they are on a calibration text. Products that contract (the second of each feed-forward
layer) stay in floating point: a few of their inputs are a hundred times as large as the rest, and rounding them to
eight bits is what turned single vectors (of separators and rare words) by 20 to 70 degrees.
"""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SMOOTHING = 0.8
"""How much of the outliers in activations is moved into the weights (alpha of SmoothQuant, arXiv 2211.10438); 0.95, the
default of nncf, gave 96 instead of 97 % of the ten nearest neighbours on all-MiniLM-L6-v2."""
RECIPE = 2
"""Goes up whenever this module makes another graph from the same one and the same text."""


@dataclass(frozen=True, eq=False)
class Calibration:
    """Segments on which activations are measured.

    Args:
        segments: Wordpiece ids of each, special tokens included, int64. (wordpieces,) each
    """

    segments: Sequence[NDArray[np.int64]]

    @property
    def checksum(self) -> str:
        """What tells two calibrations apart: hexadecimal, the same in every process."""
        digest = hashlib.blake2b(f"{RECIPE}".encode(), digest_size=16)
        for segment in self.segments:
            digest.update(segment.tobytes() + b"|")
        return digest.hexdigest()


def quantize(graph: Any, calibration: Calibration, input_names: Sequence[str]) -> Any:
    """Return a graph in int8.

    Args:
        graph: An `openvino.Model` with the inputs ids, mask, and perhaps type ids.
        calibration: What to measure activations on.
        input_names: Of the graph.
    """
    import nncf
    from nncf.quantization.range_estimator import RangeEstimatorParametersSet

    nncf.set_log_level(logging.ERROR)
    samples = [_inputs(segment[None], input_names) for segment in calibration.segments]
    return nncf.quantize(
        graph,
        nncf.Dataset(samples),
        model_type=nncf.ModelType.TRANSFORMER,
        subset_size=len(samples),
        ignored_scope=nncf.IgnoredScope(names=_contracting_products(graph)),
        advanced_parameters=nncf.AdvancedQuantizationParameters(
            smooth_quant_alphas=nncf.AdvancedSmoothQuantParameters(matmul=SMOOTHING),
            # the mean over segments, as it comes, cuts rare activations off: the least cosine was 0.93 instead of 0.99
            activations_range_estimator_params=RangeEstimatorParametersSet.MINMAX,
        ),
    )


def _contracting_products(graph: Any) -> list[str]:
    """Return the names of matrix products with weights that make vectors narrower."""
    names = []
    for node in graph.get_ordered_ops():
        if node.get_type_name() != "MatMul":
            continue
        vectors, output = node.input(0).get_partial_shape()[-1], node.output(0).get_partial_shape()[-1]
        if vectors.is_static and output.is_static and vectors.get_length() > output.get_length():
            names.append(node.get_friendly_name())
    return names


def _inputs(ids: NDArray[np.int64], names: Sequence[str]) -> dict[str, NDArray[np.int64]]:
    values = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
    return {name: values[name] for name in names}
