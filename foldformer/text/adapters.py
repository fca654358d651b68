"""Adapters: folders that hold a few weights to be added to those of a base model, as LoRA does."""

import json
from pathlib import Path

from transformers import PreTrainedModel

from foldformer.config import ConfigurationError
from foldformer.config.optional import MissingPackageError, import_optional

FILE_NAME = "adapter_config.json"


def base_of_adapter(folder: str) -> str | None:
    """Return the base model that the adapter in a folder belongs to; None where the folder holds no adapter.

    Raises:
        ConfigurationError: The adapter does not say, or peft, which loads adapters, is not installed.
    """
    file = Path(folder) / FILE_NAME
    if not file.is_file() or (Path(folder) / "config.json").is_file():
        return None
    try:
        base = json.loads(file.read_text("utf-8")).get("base_model_name_or_path")
    except (OSError, ValueError, AttributeError, RecursionError) as error:
        raise ConfigurationError(f"{file}: expected the configuration of an adapter ({error})") from error
    if not isinstance(base, str) or not base:
        raise ConfigurationError(f"{file}: base_model_name_or_path: got {base!r}; expected the name of the base model")
    try:
        import_optional("peft", extra="peft")
    except MissingPackageError as error:
        raise ConfigurationError(
            f'model_name: got "{folder}", the adapter of {base}, which the package peft loads; run: pip install '
            "'foldformer[peft]', or merge the adapter into its base (merge_and_unload) and name that folder"
        ) from error
    return base


def with_adapter(transformer: PreTrainedModel, folder: str) -> PreTrainedModel:
    """Return a base model with the weights of an adapter added to its own.

    Raises:
        ConfigurationError: The adapter does not fit.
    """
    peft = import_optional("peft", extra="peft")
    try:
        merged: PreTrainedModel = peft.PeftModel.from_pretrained(transformer, folder).merge_and_unload()
    except (ValueError, RuntimeError, OSError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise ConfigurationError(
            f'model_name: got "{folder}", an adapter that does not fit its base: {reason}'
        ) from error
    return merged
