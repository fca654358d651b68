"""Transformers and tokenizers under AllenNLP's names for loading them."""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from transformers import PreTrainedModel, PreTrainedTokenizerBase

from foldformer.text.pretrained import load_tokenizer, load_transformer


class TransformerSpec(NamedTuple):
    """What tells loaded transformers apart."""

    model_name: str
    override_weights_file: str | None = None
    override_weights_strip_prefix: str | None = None
    reinit_modules: int | tuple[int, ...] | tuple[str, ...] | None = None


def get(
    model_name: str,
    make_copy: bool,
    override_weights_file: str | None = None,
    override_weights_strip_prefix: str | None = None,
    reinit_modules: int | Sequence[int] | Sequence[str] | None = None,
    load_weights: bool = True,
    **kwargs: Any,
) -> PreTrainedModel:
    """Load a transformer.

    Args:
        model_name: Name on the hub, or a folder.
        make_copy: Give a transformer of the caller's own; otherwise callers that ask alike share one.
        override_weights_file: Weights to load in place of its own.
        override_weights_strip_prefix: Taken off the names in that file.
        reinit_modules: What to initialize afresh after loading.
        load_weights: False gives random weights.
        **kwargs: Handed to `AutoModel.from_pretrained`.

    Raises:
        ConfigurationError: Nothing loadable has that name.
    """
    again: Any = tuple(reinit_modules) if isinstance(reinit_modules, Sequence) else reinit_modules
    spec = TransformerSpec(model_name, override_weights_file, override_weights_strip_prefix, again)
    if make_copy or kwargs or not load_weights:
        return _load(spec, load_weights, kwargs)
    return _shared(spec)


def get_tokenizer(model_name: str, **kwargs: Any) -> PreTrainedTokenizerBase:
    """Load a tokenizer; the same object for the same arguments.

    Args:
        model_name: Name on the hub, or a folder.
        **kwargs: Handed to `AutoTokenizer.from_pretrained`.

    Raises:
        ConfigurationError: Nothing loadable has that name.
    """
    return load_tokenizer(model_name, **kwargs)


@cache
def _shared(spec: TransformerSpec) -> PreTrainedModel:
    return _load(spec, True, {})


def _load(spec: TransformerSpec, load_weights: bool, kwargs: dict[str, Any]) -> PreTrainedModel:
    return load_transformer(
        spec.model_name,
        load_weights=load_weights,
        override_weights_file=spec.override_weights_file,
        override_weights_strip_prefix=spec.override_weights_strip_prefix,
        reinit_modules=spec.reinit_modules,
        **kwargs,
    )
