"""The one place that loads pretrained tokenizers, configurations and transformers."""

import json
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

import torch
from huggingface_hub.errors import StrictDataclassError
from transformers import (
    AutoConfig,
    AutoModel,
    AutoTokenizer,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.models.auto.modeling_auto import MODEL_MAPPING

from foldformer.config import ConfigurationError
from foldformer.text.adapters import base_of_adapter, with_adapter
from foldformer.text.pretrained_copies import stand_in_for, weights_follow
from foldformer.text.transformer_kwargs import blamed_on, check_entries, entries_of, takes_pooling_option, with_blame
from foldformer.text.weight_files import read_state_dict
from foldformer.text.weight_reset import reinitialize_modules

Loaded = TypeVar("Loaded")

_FILE_OPTIONS = {"vocab_file", "tokenizer_file", "gguf_file", "vocab", "merges_file"}
_OTHER_NAMES = {"tokenizer.json", "tokenizer.model", "tekken.json", "vocab.txt", "vocab.json"}
_WITHOUT_POOLER = (
    "The file has no pooler, as that of a masked language model: add_pooling_layer: false in transformer_kwargs makes "
    "the transformer without one."
)
_WITH_PREFIX = "Where all keys share a prefix, name it in override_weights_strip_prefix."
_UNBUILDABLE = (
    RuntimeError,
    MemoryError,
    ArithmeticError,
    TypeError,
    LookupError,
    AttributeError,
    StrictDataclassError,
)
_LONGEST_REASON = 200
_MOST_TOKENIZERS = 32
"""Kept at a time: a service that loads one archive after the other does not grow."""


def load_tokenizer(model_name: str, **tokenizer_kwargs: Any) -> PreTrainedTokenizerBase:
    """Load a tokenizer, once for every combination of arguments among the latest.

    Callers with the same arguments get the same object: do not change it. Calling it with truncation or padding, which
    it remembers, is no harm here: what Foldformer encodes goes through copies.

    Args:
        model_name: Folder, name in the local cache, or name on the hub.
        **tokenizer_kwargs: Handed to `AutoTokenizer.from_pretrained`, for instance `revision`. Remote code runs only
            with `trust_remote_code=True`.

    Raises:
        ConfigurationError: Nothing loadable has that name.
    """
    return _cached_tokenizer(*_arguments_of_tokenizer(model_name, tokenizer_kwargs))


def load_tokenizer_anew(model_name: str, **tokenizer_kwargs: Any) -> PreTrainedTokenizerBase:
    """Load a tokenizer that nobody else has: its truncation and padding are those of its files.

    Args:
        model_name: As for `load_tokenizer`.
        **tokenizer_kwargs: As for `load_tokenizer`.

    Raises:
        ConfigurationError: Nothing loadable has that name.
    """
    return _cached_tokenizer.__wrapped__(*_arguments_of_tokenizer(model_name, tokenizer_kwargs))


def _arguments_of_tokenizer(model_name: str, tokenizer_kwargs: dict[str, Any]) -> tuple[str, str]:
    source, kwargs = stand_in_for(model_name, tokenizer_kwargs)
    base = base_of_adapter(source)
    if base is not None and not (Path(source) / "tokenizer_config.json").is_file():
        source = base
    return source, _as_key(kwargs)


def load_config(model_name: str, **config_kwargs: Any) -> PretrainedConfig:
    """Load a transformer's configuration; values in `config_kwargs` replace single entries of it.

    Raises:
        ConfigurationError: Nothing loadable has that name.
    """
    source, kwargs = stand_in_for(model_name, config_kwargs)
    source = base_of_adapter(source) or source
    config: PretrainedConfig = _from_pretrained(with_blame(AutoConfig.from_pretrained, kwargs), source, kwargs)
    return config


def name_of(model: str | PreTrainedModel) -> str:
    """Return the name that a model was loaded by; that of its class where it was not."""
    return model if isinstance(model, str) else str(model.config.name_or_path or type(model).__name__)


def tokenizer_of(
    model: str | PreTrainedModel, tokenizer: PreTrainedTokenizerBase | None, kwargs: Mapping[str, Any] | None = None
) -> PreTrainedTokenizerBase:
    """Return a tokenizer that is given as an object, or load that of a model.

    Raises:
        ConfigurationError: It is not given and nothing loadable has the model's name.
    """
    if tokenizer is not None:
        return tokenizer
    if not isinstance(model, str) and not model.config.name_or_path:
        raise ConfigurationError(
            f"tokenizer: got none with a {type(model).__name__} that was not loaded from anywhere; "
            "expected its tokenizer, as in (model, tokenizer=tokenizer)"
        )
    return load_tokenizer(name_of(model), **(kwargs or {}))


def load_transformer(
    model_name: str | PreTrainedModel,
    *,
    load_weights: bool = True,
    override_weights_file: str | None = None,
    override_weights_strip_prefix: str | None = None,
    reinit_modules: int | Sequence[int] | Sequence[str] | None = None,
    dtype: torch.dtype | str = torch.float32,
    **transformer_kwargs: Any,
) -> PreTrainedModel:
    """Load a transformer in evaluation mode; the caller owns it.

    Weights are not cached here: every caller may train its own, and a second read of the same file is served by the
    operating system's page cache without keeping another copy in this process.

    Args:
        model_name: Folder, name in the local cache, or name on the hub; or a model, whose transformer is taken as it
            is, without its head and in its own dtype.
        load_weights: False gives the architecture with random weights; no weight file is looked for, and the next
            three options are ignored with a warning.
        override_weights_file: State dict to load in place of the pretrained weights; see `read_state_dict`.
        override_weights_strip_prefix: Keep only the keys with this prefix, and cut it off.
        reinit_modules: What to initialize afresh after loading; see `reinitialize_modules`.
        dtype: Of the parameters. The checkpoint's own dtype is taken only with "auto".
        **transformer_kwargs: Handed to `AutoModel.from_pretrained`: `revision`, `attn_implementation`, or values that
            replace entries of the configuration. Remote code runs only with `trust_remote_code=True`.

    Raises:
        ConfigurationError: Nothing loadable has that name, a prefix is given without a file, or `transformer_kwargs`
            has an entry that the configuration does not know, or a value that it cannot use.
        ValueError: `reinit_modules` or the override weights do not fit the transformer.
    """
    _check_prefix(override_weights_strip_prefix, override_weights_file)
    if weights_follow():
        load_weights, override_weights_file, reinit_modules = False, None, None
    if not load_weights and override_weights_file is not None:
        _warn_ignored("override_weights_file", "load_weights is false")
        override_weights_file = None
    if reinit_modules is not None and (not load_weights or override_weights_file is not None):
        cause = "override_weights_file replaces all weights" if load_weights else "load_weights is false"
        _warn_ignored("reinit_modules", cause)
        reinit_modules = None
    dtype = transformer_kwargs.pop("torch_dtype", dtype)  # the name that legacy experiment files use
    if isinstance(model_name, str):
        _check_kwargs(model_name, transformer_kwargs)
    transformer: PreTrainedModel
    if not isinstance(model_name, str):
        transformer = _without_head(model_name)
    elif load_weights and override_weights_file is None:
        source, kwargs = stand_in_for(model_name, transformer_kwargs)
        base = base_of_adapter(source)
        load = with_blame(AutoModel.from_pretrained, kwargs)
        transformer = _from_pretrained(load, base or source, {**kwargs, "dtype": dtype})
        if base is not None:
            transformer = with_adapter(transformer, source)
    else:
        transformer = _from_config(model_name, dtype, transformer_kwargs)
    if override_weights_file is not None:
        override = read_state_dict(override_weights_file, override_weights_strip_prefix)
        _load_override(transformer, override, override_weights_file)
    if reinit_modules is not None:
        reinitialize_modules(transformer, reinit_modules)
    transformer.train(False)
    return transformer


def _without_head(model: PreTrainedModel) -> PreTrainedModel:
    """Return what `AutoModel` would have made: of some architectures, that is a model with heads and all."""
    made = MODEL_MAPPING.get(type(model.config), ())
    classes = made if isinstance(made, tuple) else (made,)
    return model if type(model) in classes else cast("PreTrainedModel", model.base_model)


def load_with_head(model_name: str, auto_model: Any, kind: str) -> PreTrainedModel:
    """Load a transformer together with the trained head that gives one label to a text or to a token.

    Args:
        model_name: Folder, name in the local cache, or name on the hub.
        auto_model: The class of transformers that loads such models.
        kind: How the names of their classes end.

    Raises:
        ConfigurationError: Nothing loadable has that name, it has no such head, or one for numbers or several labels.
    """
    config = load_config(model_name)
    saved = config.architectures or ["a model that does not say its class"]
    expected = f"pretrained_head: got {model_name}, saved as {' and '.join(saved)}; expected"
    if not any(name.endswith(kind) for name in saved):
        raise ConfigurationError(f"{expected} a model ...{kind}, saved with its trained head by save_pretrained")
    num_labels = len(config.id2label or {})
    if config.problem_type in ("regression", "multi_label_classification") or num_labels < 2:
        what = config.problem_type or f"a head with {num_labels} label"
        raise ConfigurationError(f"{expected} a head that chooses one of several labels, got {what}")
    if weights_follow():
        model: PreTrainedModel = auto_model.from_config(config, dtype=torch.float32)
        return model
    source, kwargs = stand_in_for(model_name, {})
    load = auto_model.from_pretrained
    model, found = _from_pretrained(load, source, {**kwargs, "dtype": torch.float32, "output_loading_info": True})
    if found["missing_keys"]:
        lacking = _some(sorted(found["missing_keys"]))
        raise ConfigurationError(f"{expected} its whole head among the weights, which lack {lacking}")
    return model


def clear_caches() -> None:
    """Forget every cached tokenizer."""
    _cached_tokenizer.cache_clear()


def _as_key(kwargs: Mapping[str, Any]) -> str:
    try:
        return json.dumps(kwargs, sort_keys=True)
    except TypeError as error:
        raise ConfigurationError(f"tokenizer_kwargs: got {kwargs}; expected plain JSON values: {error}") from error


@lru_cache(maxsize=_MOST_TOKENIZERS)
def _cached_tokenizer(model_name: str, kwargs: str) -> PreTrainedTokenizerBase:
    options = json.loads(kwargs)
    try:
        tokenizer: PreTrainedTokenizerBase = _from_pretrained(AutoTokenizer.from_pretrained, model_name, options)
    except ConfigurationError as error:
        has_code = "trust_remote_code" in str(error)
        is_model = (Path(model_name) / "config.json").is_file()
        if is_model and not has_code and not _has_vocabulary(model_name, set(), options):
            raise ConfigurationError(_no_tokenizer(model_name)) from error
        raise
    # transformers 5 makes a tokenizer of special tokens alone where the file of a vocabulary is missing
    names = set(tokenizer.vocab_files_names.values())
    if Path(model_name).is_dir() and names and not _has_vocabulary(model_name, names, options):
        raise ConfigurationError(_no_tokenizer(model_name))
    return tokenizer


def _has_vocabulary(model_name: str, names: set[str], options: Mapping[str, Any]) -> bool:
    """Tell whether a folder has one of the files that a vocabulary is kept in."""
    folder = Path(model_name) / (options.get("subfolder") or "")
    return bool(options.keys() & _FILE_OPTIONS) or any((folder / name).is_file() for name in names | _OTHER_NAMES)


def _no_tokenizer(folder: str) -> str:
    return (
        f'model_name: got the folder "{folder}", which has no tokenizer (it holds {_listing(folder)}); expected one '
        "saved by tokenizer.save_pretrained beside the model, such as tokenizer.json: save it there"
    )


def _check_kwargs(model_name: str, transformer_kwargs: Mapping[str, Any]) -> None:
    entries = entries_of(transformer_kwargs)
    if entries:
        options = {name: value for name, value in transformer_kwargs.items() if name not in entries}
        check_entries(load_config(model_name, **options), entries)


def _from_pretrained(load: Callable[..., Loaded], model_name: str, kwargs: Mapping[str, Any]) -> Loaded:
    # never left out: transformers would ask on standard input, and take its answer from the documents there
    kwargs = {"trust_remote_code": False, **kwargs}
    try:
        with _unbuildable_named(model_name):
            return load(model_name, **kwargs)
    except OSError as error:
        raise ConfigurationError(_not_found(model_name, error)) from error
    except ValueError as error:
        if not kwargs["trust_remote_code"] and "trust_remote_code" in str(error):
            raise ConfigurationError(
                f'model_name: got "{model_name}", which brings Python code of its own; expected a model that '
                "transformers itself knows; if you trust that code, ask for it by trust_remote_code: true in "
                "tokenizer_kwargs and transformer_kwargs"
            ) from error
        if not Path(model_name).is_dir():
            raise
        raise ConfigurationError(
            f'model_name: got the folder "{model_name}", which holds {_listing(model_name)}; '
            f"expected a model saved by save_pretrained: {_first_line(error)}"
        ) from error


@contextmanager
def _unbuildable_named(model_name: str) -> Iterator[None]:
    """Say that a configuration asks for what cannot be: transformers builds by most numbers without a look at them."""
    try:
        yield
    except _UNBUILDABLE as error:
        reason = " ".join(str(error).split())[:_LONGEST_REASON]
        raise ConfigurationError(
            f'model_name: got "{model_name}", from whose files nothing can be made ({type(error).__name__}: {reason}); '
            "expected a configuration that save_pretrained wrote, and weights that belong to it"
        ) from error


def _not_found(model_name: str, error: OSError) -> str:
    from huggingface_hub.constants import HF_HUB_CACHE, HF_HUB_OFFLINE

    folder = Path(model_name)
    as_folder = f"it holds {_listing(model_name)}" if folder.is_dir() else f"there is no folder {folder.absolute()}"
    as_hub = "HF_HUB_OFFLINE=1 forbids asking the hub" if HF_HUB_OFFLINE else f"the hub: {_first_line(error)}"
    return (
        f'model_name: got "{model_name}"; expected a folder with a saved model, a model in the local cache, or a name '
        f"on the hub. As a folder: {as_folder}. In the cache: {HF_HUB_CACHE} has no complete copy of it. "
        f"On the hub: {as_hub}. Give the path of a folder, or download the model once while the hub is reachable."
    )


def _listing(folder: str) -> str:
    names = sorted(path.name for path in Path(folder).iterdir())
    return ", ".join(names[:8]) + (", ..." if len(names) > 8 else "") if names else "nothing"


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]


def _from_config(model_name: str, dtype: torch.dtype | str, transformer_kwargs: Mapping[str, Any]) -> PreTrainedModel:
    kwargs = dict(transformer_kwargs)
    build_kwargs: dict[str, Any] = {
        key: kwargs.pop(key) for key in ("attn_implementation", "add_pooling_layer") if key in kwargs
    }
    build_kwargs["trust_remote_code"] = kwargs.get("trust_remote_code", False)
    with _unbuildable_named(model_name), blamed_on(transformer_kwargs):
        config = load_config(model_name, **kwargs)
        transformer: PreTrainedModel = AutoModel.from_config(  # type: ignore[no-untyped-call]
            config, dtype=config.dtype or torch.float32 if dtype == "auto" else dtype, **build_kwargs
        )
    return transformer


def _check_prefix(prefix: str | None, file: str | None) -> None:
    if prefix is not None and file is None:
        raise ConfigurationError(
            f'override_weights_strip_prefix: got "{prefix}" without override_weights_file; '
            "expected both or neither: name the file whose keys carry the prefix"
        )


def _warn_ignored(option: str, cause: str) -> None:
    # A warning as in AllenNLP: archives are reloaded with load_weights=false over whatever the file says.
    warnings.warn(f"{option} is ignored, because {cause}", stacklevel=3)


def _load_override(transformer: PreTrainedModel, override: dict[str, torch.Tensor], file: str) -> None:
    own = transformer.state_dict()
    missing = sorted(own.keys() - override.keys())
    unexpected = sorted(key for key in override.keys() - own.keys() if not _is_retired_buffer(key))
    misfits = [
        f"{key} {tuple(override[key].shape)} for {tuple(tensor.shape)}"
        for key, tensor in own.items()
        if key in override and override[key].shape != tensor.shape
    ]
    if missing or unexpected or misfits:
        only_pooler = bool(missing) and all(key.startswith("pooler.") for key in missing)
        raise ValueError(
            f"override_weights_file: {file} does not fit {type(transformer).__name__}: "
            f"missing {_some(missing)}; unexpected {_some(unexpected)}; of another shape {_some(misfits)}. "
            + (_WITHOUT_POOLER if only_pooler and takes_pooling_option(transformer.config) else _WITH_PREFIX)
        )
    transformer.load_state_dict({key: override[key] for key in own})


def _is_retired_buffer(key: str) -> bool:
    """Buffers that transformers 4 kept in state dicts and transformers 5 derives."""
    return key.endswith(("position_ids", "token_type_ids", "attn.bias", "attn.masked_bias"))


def _some(keys: Sequence[str]) -> str:
    return ", ".join(keys[:4]) + (f" and {len(keys) - 4} more" if len(keys) > 4 else "") if keys else "none"
