"""What an embedder is beyond its transformer and tokenizer, in a small file beside them."""

import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import torch
from huggingface_hub import HfApi
from transformers.utils.hub import cached_file

from foldformer.config import ConfigurationError
from foldformer.config.nearest import one_of
from foldformer.engine.scalar_mix import ScalarMix

FILE = "foldformer_embedder.json"
_MIX = "scalar_mix"


def write_options(folder: str | os.PathLike[str], options: dict[str, Any], mix: ScalarMix | None) -> None:
    """Write parameters of the constructor, and the weights of the scalar mix."""
    weights = {} if mix is None else {name: tensor.tolist() for name, tensor in mix.state_dict().items()}
    text = json.dumps({**options, _MIX: weights}, indent=2)
    (Path(folder) / FILE).write_text(text + "\n", encoding="utf-8")


class Saves(Protocol):
    """What can be saved in a folder."""

    def save_pretrained(self, folder: str) -> None:
        """Write it."""


class OnHub:
    """The half of an embedder that talks to the hub."""

    def push_to_hub(
        self: Saves, repo_id: str, *, private: bool | None = None, token: str | None = None, message: str = "Upload"
    ) -> str:
        """Put what `save_pretrained` writes on the hub, by `huggingface_hub`; `from_pretrained` takes it from there.

        Args:
            repo_id: Name on the hub; made where it is not there.
            private: Whether only those see it whom you let; None: as your account says.
            token: Of the hub; None: that of the last login.
            message: Of the commit.

        Returns:
            Address of the commit.
        """
        api = HfApi(token=token)
        with TemporaryDirectory(prefix="foldformer-upload-") as folder:
            self.save_pretrained(folder)
            name = api.create_repo(repo_id, exist_ok=True, private=private).repo_id
            return str(api.upload_folder(repo_id=name, folder_path=folder, commit_message=message).commit_url)


def read_options(name: str, known: tuple[str, ...]) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """Read them from a folder or from the hub; nothing where they were not written.

    Args:
        name: Folder, name in the local cache, or name on the hub.
        known: Parameters that may be there.

    Raises:
        ConfigurationError: There are others, of a later version perhaps.
    """
    missing = {"_raise_exceptions_for_missing_entries": False, "_raise_exceptions_for_connection_errors": False}
    file = cached_file(name, FILE, **missing)
    if file is None:
        return {}, {}
    options: dict[str, Any] = json.loads(Path(file).read_text(encoding="utf-8"))
    weights = options.pop(_MIX, {})
    unknown = [key for key in options if key not in known]
    if unknown:
        raise ConfigurationError(f"{file}: got {one_of(unknown, 'and')}; expected {one_of(known)} only")
    return options, {key: torch.tensor(value) for key, value in weights.items()}
