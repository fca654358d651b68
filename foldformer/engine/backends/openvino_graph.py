"""Turn a transformer into an OpenVINO graph, and keep graphs on disk for later processes.

    transformer, mix  ->  <cache>/<key>/model.xml, .bin         the key: a checksum of weights, options and versions

A graph takes ids, a mask and, where the transformer does, type ids, all of any shape, and gives the last layer, or the
mixture of all, which is added up inside it.
"""

import copy
import hashlib
import json
import logging
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from inspect import signature
from pathlib import Path
from typing import Any

import torch
from filelock import FileLock
from torch import Tensor, nn
from transformers import PreTrainedModel

from foldformer.engine.backends.traced_attention import TRACED_ATTENTION
from foldformer.engine.layer_mixing import mix_hidden_states
from foldformer.engine.packed_rows import attention_in
from foldformer.engine.probing import attention_of, probing
from foldformer.engine.scalar_mix import ScalarMix
from foldformer.engine.transformer_facts import num_ids, num_type_ids
from foldformer.engine.weights_fingerprint import fingerprint_weights
from foldformer.text.atomic import private_folder

FORMAT = 2
"""Goes up whenever this module makes other graphs of the same transformer."""
KEPT_BYTES = 8 * 2**30
"""Graphs that were not used for longest go when all together are larger than this."""
GRAPH_NAME = "model.xml"
_PACKAGES = ("openvino", "torch", "transformers")
_EXAMPLE = (2, 9)
"""Rows and width that a transformer is traced with. All other shapes must give its numbers too, which is tried."""

logger = logging.getLogger(__name__)


class GraphModule(nn.Module):
    """What is converted: a transformer with one output and nothing optional.

    Args:
        transformer: In evaluation mode, in float32.
        mix: Mixes all layers; None takes the last one.
    """

    def __init__(self, transformer: PreTrainedModel, mix: ScalarMix | None) -> None:
        super().__init__()
        self.transformer = transformer
        self.mix = mix
        parameters = signature(transformer.forward).parameters
        # GPT-2 takes ids of wordpieces for them, and zeros are not none
        self.takes_type_ids = "token_type_ids" in parameters and num_type_ids(transformer) > 0
        self._options: dict[str, Any] = {"use_cache": False} if "use_cache" in parameters else {}

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None) -> Tensor:
        """Run the transformer. (rows, width, dim)"""
        inputs = {"input_ids": input_ids, "attention_mask": attention_mask, **self._options}
        if token_type_ids is not None:
            inputs["token_type_ids"] = token_type_ids
        output = self.transformer(**inputs, output_hidden_states=self.mix is not None)
        if self.mix is None:
            hidden: Tensor = output.last_hidden_state
            return hidden
        return mix_hidden_states(output.hidden_states, inputs, self.mix)

    def example(self) -> dict[str, Tensor]:
        """Return inputs by name, in the order of `forward`. (rows, width)"""
        ids = (torch.arange(_EXAMPLE[0] * _EXAMPLE[1]) % num_ids(self.transformer)).view(*_EXAMPLE)
        inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
        return inputs | ({"token_type_ids": torch.zeros_like(ids)} if self.takes_type_ids else {})

    def plain(self, ids: Tensor) -> Tensor:
        """Run the transformer as anybody would, on ids alone. (rows, width) -> (rows, width, dim)"""
        output = self.transformer(input_ids=ids, output_hidden_states=self.mix is not None, **self._options)
        hidden: Tensor = output.last_hidden_state
        return hidden if self.mix is None else mix_hidden_states(output.hidden_states, {"input_ids": ids}, self.mix)


def convert(module: GraphModule) -> Any:
    """Trace a transformer and return its graph, an `openvino.Model`.

    Raises:
        RuntimeError: And a few others, where the transformer cannot be traced, or has an operation that OpenVINO lacks.
    """
    import openvino

    example = module.example()
    any_shape = openvino.PartialShape([-1, -1])
    with probing(module.transformer), attention_in(module.transformer, TRACED_ATTENTION), _quiet():
        return openvino.convert_model(
            module,
            example_input=example,
            input=[(name, any_shape, openvino.Type.i64) for name in example],
        )


def in_float32(transformer: PreTrainedModel) -> PreTrainedModel:
    """Return the transformer, or a copy of it where it computes in another dtype; the graph has its own arithmetic."""
    if transformer.dtype == torch.float32:
        return transformer
    twin: nn.Module = copy.deepcopy(transformer)
    assert isinstance(twin, PreTrainedModel)
    nn.Module.to(twin, torch.float32)
    return twin


def graph_key(module: GraphModule, **options: Any) -> str:
    """Return what tells a graph apart from all others: weights, configuration, options and versions."""
    transformer = module.transformer
    config = {key: value for key, value in transformer.config.to_dict().items() if key != "_name_or_path"}
    about = {
        "format": FORMAT,
        "class": type(transformer).__qualname__,
        "config": config,
        "attention": attention_of(transformer.config),
        "weights": fingerprint_weights(module.state_dict()),
        "versions": {name: version(name) for name in _PACKAGES},
        **options,
    }
    return hashlib.blake2b(json.dumps(about, sort_keys=True, default=str).encode(), digest_size=16).hexdigest()


class GraphStore:
    """Graphs on disk, each in a folder that appears whole or not at all.

    Args:
        folder: Where they are kept; None takes the user's cache folder.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or _default_folder()

    def find(self, key: str) -> Path | None:
        """Return the file of a graph, if it is there, and note that it was used."""
        path = self.folder / key / GRAPH_NAME
        if not path.is_file():
            return None
        os.utime(path.parent)
        return path

    @contextmanager
    def making(self, key: str) -> Iterator[None]:
        """Let one process at a time make a graph; the others find it afterwards."""
        private_folder(self.folder, "XDG_CACHE_HOME")
        with FileLock(self.folder / f"{key}.lock"):
            yield

    def keep(self, key: str, graph: Any) -> Path:
        """Save a graph.

        Raises:
            OSError: The disk is full, for instance; nothing is left of it.
        """
        import openvino

        place = Path(tempfile.mkdtemp(dir=self.folder, prefix=f"{key}."))
        try:
            openvino.save_model(graph, place / GRAPH_NAME, compress_to_fp16=False)
            place.replace(self.folder / key)
        except (OSError, RuntimeError) as error:  # openvino turns a full disk into the second
            shutil.rmtree(place, ignore_errors=True)
            raise OSError(f"{self.folder}: {error}") from error
        self._forget_oldest()
        return self.folder / key / GRAPH_NAME

    def forget(self, key: str) -> None:
        """Remove a graph."""
        shutil.rmtree(self.folder / key, ignore_errors=True)

    def _forget_oldest(self) -> None:
        folders = sorted(
            (each for each in self.folder.iterdir() if each.is_dir()), key=lambda each: each.stat().st_mtime
        )
        sizes = [sum(file.stat().st_size for file in each.iterdir()) for each in folders]
        while len(folders) > 1 and sum(sizes) > KEPT_BYTES:
            sizes.pop(0)
            shutil.rmtree(folders.pop(0), ignore_errors=True)


def _default_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "foldformer", "openvino")


@contextmanager
def _quiet() -> Iterator[None]:
    """Tracing warns of every place where a number is taken from a shape; whether that matters is tried afterwards.

    Where OpenVINO fails to convert, it leaves the root logger at its own level.
    """
    level = logging.getLogger().level
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.getLogger().setLevel(level)
