"""How a model's own files say that its documents become vectors, as sentence-transformers writes them.

modules.json              Transformer (or ours), Pooling, perhaps Normalize
1_Pooling/config.json     what is pooled how
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from transformers.utils.hub import cached_file

from foldformer.choices import OverlapMode, RowMode
from foldformer.config import ConfigurationError
from foldformer.config.nearest import one_of, show
from foldformer.text.pretrained import load_tokenizer

_FILE = "modules.json"
_OURS = "FoldformerModule"
_MODES: Final[Mapping[str, RowMode]] = {"mean": "avg", "max": "max", "cls": "first", "lasttoken": "last"}
_LEGACY = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
"""One flag a mode, as files before sentence-transformers 6 have it."""


@dataclass(frozen=True)
class OwnPooling:
    """Parameters of `DocumentEmbedder` that a model's files give.

    Args:
        document_mode: How wordpieces become one vector.
        normalize: Whether the vector gets the length 1.
        pool_special_tokens: Whether special tokens count.
        max_length: Longest segment.
        overlap: Wordpieces that segments share.
        overlap_mode: What becomes of their vectors.
    """

    document_mode: RowMode
    normalize: bool
    pool_special_tokens: bool = True
    max_length: int | None = None
    overlap: int = 0
    overlap_mode: OverlapMode = "average"


def has_own_pooling(model_name: str) -> bool:
    """Tell whether a model's files say how its documents are pooled."""
    return _path_of(model_name, _FILE) is not None


def own_pooling(model_name: str) -> OwnPooling:
    """Read how a model's documents are pooled, and where our own module made them, how its texts are folded.

    Args:
        model_name: Folder, name in the local cache, or name on the hub.

    Raises:
        ConfigurationError: There is no such file, or it asks for more than is done here.
    """
    modules = _read(model_name, _FILE)
    if modules is None:
        raise ConfigurationError(
            f'document_mode: got "model", but "{model_name}" has no {_FILE}, which says how; expected "avg", "cls" '
            "or another"
        )
    kinds = [str(module["type"]).rpartition(".")[2] for module in modules]
    if kinds[:1] not in (["Transformer"], [_OURS]) or kinds[1:] not in (["Pooling"], ["Pooling", "Normalize"]):
        raise _unlike(
            model_name, _FILE, f"{one_of(kinds, 'and')}; expected a transformer, Pooling and perhaps Normalize"
        )
    if modules[0]["path"]:
        raise _unlike(model_name, _FILE, f"the transformer in {show(modules[0]['path'])}; expected it beside the file")
    _check_texts(model_name)
    file = f"{modules[1]['path']}/config.json"
    pooling = _read(model_name, file)
    if pooling is None:
        raise _unlike(model_name, _FILE, f"{show(file)}, which is not there; expected a whole copy of the model")
    own = _read(model_name, "foldformer.json") if kinds[0] == _OURS else {}
    return OwnPooling(_mode(model_name, pooling), kinds[-1] == "Normalize", **own)


def _mode(model_name: str, pooling: Mapping[str, Any]) -> RowMode:
    given = pooling.get("pooling_mode", [name for flag, name in _LEGACY.items() if pooling.get(flag)] or "mean")
    modes = [given] if isinstance(given, str) else list(given)
    if len(modes) != 1 or modes[0] not in _MODES:
        raise _unlike(model_name, "Pooling", f"{one_of(modes, 'and')}; expected one of {one_of(list(_MODES))}")
    return _MODES[modes[0]]


def _check_texts(model_name: str) -> None:
    """Check that texts go to the tokenizer as they are."""
    prompts = _read(model_name, "config_sentence_transformers.json") or {}
    prompt = (prompts.get("prompts") or {}).get(prompts.get("default_prompt_name"))
    if prompt:
        raise _unlike(
            model_name, "default_prompt_name", f"{show(prompt)} before every text; expected none: put it there yourself"
        )
    if (_read(model_name, "sentence_bert_config.json") or {}).get("do_lower_case"):
        tokenizer = load_tokenizer(model_name)
        if tokenizer.tokenize("The End") != tokenizer.tokenize("the end"):
            raise _unlike(model_name, "do_lower_case", "true, for a tokenizer that keeps capitals; expected false")


def _unlike(model_name: str, place: str, what: str) -> ConfigurationError:
    return ConfigurationError(
        f'document_mode: got "model", but {place} of "{model_name}" names {what}; or give document_mode, '
        "pool_special_tokens and normalize instead"
    )


def _read(model_name: str, name: str) -> Any:
    path = _path_of(model_name, name)
    return None if path is None else json.loads(Path(path).read_text(encoding="utf-8"))


def _path_of(model_name: str, name: str) -> str | None:
    missing = {"_raise_exceptions_for_missing_entries": False, "_raise_exceptions_for_connection_errors": False}
    path: str | None = cached_file(model_name, name, **missing)
    return path
