"""A tiny ELMo: the options and weights that recording and tests both make anew, from numpy's generator and a seed."""

import json
from pathlib import Path

import h5py
import numpy

SIZES = {"embedding": 4, "filters": [[1, 2], [2, 3], [4, 2]], "highways": 2, "projection": 3, "cells": 5, "layers": 2}
"""No two widths that stand beside each other are equal, so that a matrix that lies the wrong way does not fit."""
BYTES = 261


def tiny_options(activation="relu", cell_clip=0.6, proj_clip=0.4):
    """Clips so narrow that many values meet them."""
    return {
        "lstm": {
            "use_skip_connections": True,
            "projection_dim": SIZES["projection"],
            "cell_clip": cell_clip,
            "proj_clip": proj_clip,
            "dim": SIZES["cells"],
            "n_layers": SIZES["layers"],
        },
        "char_cnn": {
            "activation": activation,
            "filters": SIZES["filters"],
            "n_highway": SIZES["highways"],
            "embedding": {"dim": SIZES["embedding"]},
            "n_characters": 262,
            "max_characters_per_token": 50,
        },
    }


def tiny_weights(seed=7):
    """Name in the file -> values, as TensorFlow stored them: (in, out); gates: input, memory, forget, output."""
    generator = numpy.random.default_rng(seed)
    projection, cells, width = SIZES["projection"], SIZES["cells"], sum(count for _, count in SIZES["filters"])
    shapes = {"char_embed": (BYTES, SIZES["embedding"])}
    for number, (reach, count) in enumerate(SIZES["filters"]):
        shapes[f"CNN/W_cnn_{number}"] = (1, reach, SIZES["embedding"], count)
        shapes[f"CNN/b_cnn_{number}"] = (count,)
    for number in range(SIZES["highways"]):
        for part in ("transform", "carry"):
            shapes[f"CNN_high_{number}/W_{part}"] = (width, width)
            shapes[f"CNN_high_{number}/b_{part}"] = (width,)
    shapes["CNN_proj/W_proj"] = (width, projection)
    shapes["CNN_proj/b_proj"] = (projection,)
    for direction in range(2):
        for layer in range(SIZES["layers"]):
            cell = f"RNN_{direction}/RNN/MultiRNNCell/Cell{layer}/LSTMCell"
            shapes[f"{cell}/W_0"] = (2 * projection, 4 * cells)
            shapes[f"{cell}/B"] = (4 * cells,)
            shapes[f"{cell}/W_P_0"] = (cells, projection)
    weights = {name: generator.uniform(-1, 1, shape).astype("float32") for name, shape in shapes.items()}
    weights["CNN_proj/b_proj"][0] += 3  # AllenNLP takes a cached word without a number above 0 for padding
    return weights


def write_tiny_elmo(folder, weights=None, **options):
    """Write both files; returns their paths."""
    files = Path(folder) / "options.json", Path(folder) / "weights.hdf5"
    files[0].write_text(json.dumps(tiny_options(**options)))
    with h5py.File(files[1], "w") as file:
        for name, values in (weights or tiny_weights()).items():
            file[name] = values
    return tuple(map(str, files))
