"""Give the transformer of a trained model to programs that know nothing of experiments."""

import os
from pathlib import Path
from typing import Any

from torch import nn
from transformers import PreTrainedModel

from foldformer.config import ConfigurationError
from foldformer.config.nearest import did_you_mean, one_of, show
from foldformer.config.trust import archives_trusted
from foldformer.nn.seq2vec import AttentionPooler
from foldformer.text.pretrained import load_tokenizer
from foldformer.text.pretrained_copies import copies_in_use
from foldformer.training.archives.export_head import HeadStaysBehindError, model_with_head, position_note
from foldformer.training.archives.pretrained_folder import find_pretrained_copies
from foldformer.training.archives.read import build_archive, opened_archive

_ATTRIBUTE = "transformer_model"


def export_transformer(
    archive_file: str | os.PathLike[str],
    folder: str | os.PathLike[str],
    module: str | None = None,
    *,
    trust: bool = False,
) -> str:
    """Save a transformer and its tokenizer as `AutoModel.from_pretrained` reads them.

    Args:
        archive_file: The archive.
        folder: Where to; new or empty.
        module: Name of the embedder in the model, where it has several.
        trust: As in `load_archive`.

    Returns:
        Name of the embedder that was exported.

    Raises:
        ConfigurationError: The model has no transformer, or several and `module` does not say which, or the folder
            holds something.
    """
    with archives_trusted(trust=trust):
        name, _ = _export(archive_file, folder, module, wants_head=False)
    return name


def export_model(
    archive_file: str | os.PathLike[str], folder: str | os.PathLike[str], *, trust: bool = False
) -> tuple[str, str]:
    """Save a classifier or tagger as transformers' `pipeline` reads it; only its transformer where that cannot be.

    Args:
        archive_file: The archive.
        folder: Where to; new or empty.
        trust: As in `load_archive`.

    Returns:
        Name of the embedder that was exported, and what became of the head, in words.

    Raises:
        ConfigurationError: As `export_transformer`.
    """
    with archives_trusted(trust=trust):
        return _export(archive_file, folder, None, wants_head=True)


def _export(
    archive_file: str | os.PathLike[str], folder: str | os.PathLike[str], module: str | None, *, wants_head: bool
) -> tuple[str, str]:
    target = Path(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ConfigurationError(f"{target}: got something that is there; expected a new or an empty folder")
    with opened_archive(archive_file) as opened, copies_in_use(find_pretrained_copies(opened)):
        archive = build_archive(opened, "", None, str(archive_file))
        model, head = archive.model, "the head stays behind"
        name, transformer = _choose(model, module)
        tokenizer = load_tokenizer(str(transformer.config.name_or_path))
        if wants_head:
            try:
                transformer = model_with_head(model, name, archive.validation_dataset_reader, tokenizer)
                head = f"a {type(transformer).__name__}{position_note(model, name)}"
            except HeadStaysBehindError as error:
                head = f"the head stays behind: {error}"
        target.mkdir(parents=True, exist_ok=True)
        transformer.save_pretrained(target)
        tokenizer.save_pretrained(target)
        pooler = _attention_over(model, name)
        if pooler is not None:
            pooler.save_pretrained(target)
    return name, head


def _attention_over(model: nn.Module, name: str) -> AttentionPooler | None:
    """Return the encoder that weighs the wordpieces of an embedder as they come; None where something else does."""
    pooler = getattr(model, "_seq2vec_encoder", None)
    embedder: Any = model.get_submodule(name)
    changes = getattr(model, "_seq2seq_encoder", None) is not None or embedder.scalar_mix is not None
    is_of_words = name.rpartition(".")[2] == "_matched_embedder"
    if not isinstance(pooler, AttentionPooler) or changes or is_of_words:
        return None
    return pooler if pooler.get_input_dim() == embedder.get_output_dim() else None


def _choose(model: nn.Module, module: str | None) -> tuple[str, PreTrainedModel]:
    found: dict[str, Any] = {name: getattr(each, _ATTRIBUTE, None) for name, each in model.named_modules()}
    transformers = {name: each for name, each in found.items() if isinstance(each, PreTrainedModel)}
    if not transformers:
        raise ConfigurationError(f"{type(model).__name__} has no pretrained transformer to export")
    if module is None and len(transformers) > 1:
        raise ConfigurationError(f"--module: got none; expected {one_of(list(transformers))}")
    name = module or next(iter(transformers))
    if name not in transformers:
        names = list(transformers)
        raise ConfigurationError(f"--module: got {show(name)}; expected {one_of(names)}{did_you_mean(name, names)}")
    return name, transformers[name]
