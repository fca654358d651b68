"""The first module of a `SentenceTransformer`, for texts of any length."""

from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel
from transformers.tokenization_utils_base import VERY_LARGE_INTEGER

from foldformer.choices import OverlapMode
from foldformer.config.optional import import_optional
from foldformer.models import TokenEmbedder
from foldformer.nn.masks import without_ends
from foldformer.text.pretrained import load_tokenizer
from foldformer.text.special_tokens import find_special_tokens

_modules: Any = import_optional("sentence_transformers.base.modules", extra="sentence-transformers")


class FoldformerModule(_modules.InputModule):  # type: ignore[misc]
    """Give a vector to each wordpiece of texts that are folded, not truncated; a pooling module follows.

        SentenceTransformer(modules=[module, Pooling(module.get_embedding_dimension())])

    It trains, saves and loads with the `SentenceTransformer` that it stands in.

    Args:
        model_name: Folder, name in the local cache, or name on the hub.
        max_length: Longest segment, in wordpieces, special tokens included; None runs every text whole.
        overlap: Content wordpieces that neighbouring segments share.
        overlap_mode: What becomes of the vectors of a wordpiece that several segments hold.
        pool_special_tokens: False hides special tokens from the pooling module.

    Raises:
        ConfigurationError: No such model, or options that do not fit it.
    """

    config_file_name = "foldformer.json"
    config_keys = ["max_length", "overlap", "overlap_mode", "pool_special_tokens"]  # noqa: RUF012 - by contract

    def __init__(
        self,
        model_name: str,
        *,
        max_length: int | None = None,
        overlap: int = 0,
        overlap_mode: OverlapMode = "average",
        pool_special_tokens: bool = True,
    ) -> None:
        super().__init__()
        self.max_length = max_length
        self.overlap = overlap
        self.overlap_mode = overlap_mode
        self.pool_special_tokens = pool_special_tokens
        self.tokenizer = deepcopy(load_tokenizer(model_name))  # it remembers padding, and the loaded one is shared
        self.embedder: Any = TokenEmbedder.by_name("pretrained_transformer")(
            model_name, max_length=max_length, overlap=overlap, overlap_mode=overlap_mode
        )
        self.max_seq_length = VERY_LARGE_INTEGER  # as transformers says it of tokenizers without a limit

    def get_embedding_dimension(self) -> int:
        """Return the width of the vectors."""
        return int(self.embedder.get_output_dim())

    def preprocess(self, inputs: Sequence[Any], prompt: str | None = None, **kwargs: Any) -> dict[str, Tensor]:
        """Tokenize texts, or pairs of texts, whole.

        Args:
            inputs: Texts, or pairs of them.
            prompt: Stands before every text.
            **kwargs: What other modules take.
        """
        del kwargs
        texts = self._prepend_prompt(list(inputs), prompt) if prompt else list(inputs)
        encoded = self.tokenizer(texts, padding=True, truncation=False, return_tensors="pt", verbose=False)
        return {name: encoded[name] for name in ("input_ids", "attention_mask", "token_type_ids") if name in encoded}

    def forward(self, features: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Add `token_embeddings` to the features. (batch, wordpieces, dim)

        Args:
            features: What `preprocess` gave.
            **kwargs: What other modules take.
        """
        del kwargs
        named = {name: features.get(name) for name in ("input_ids", "attention_mask", "token_type_ids")}
        mask = features["attention_mask"]
        if not self.pool_special_tokens:
            mask = self._content(mask)
        return {**features, "attention_mask": mask, "token_embeddings": self.embedder(**named)}

    def save(self, output_path: str, *args: Any, safe_serialization: bool = True, **kwargs: Any) -> None:
        """Write the transformer, the tokenizer and `foldformer.json`."""
        del args, safe_serialization, kwargs
        transformer: PreTrainedModel = self.embedder.transformer_model
        transformer.save_pretrained(output_path)
        self.save_tokenizer(output_path)
        self.save_config(output_path)

    @classmethod
    def load(cls, model_name_or_path: str, subfolder: str = "", **kwargs: Any) -> "FoldformerModule":
        """Read what `save` wrote, from a folder or from the hub."""
        where = ("token", "cache_folder", "revision", "local_files_only")
        source = {name: kwargs[name] for name in where if name in kwargs}
        options = cls.load_config(model_name_or_path, subfolder=subfolder, **source)
        folder = cls.load_dir_path(model_name_or_path, subfolder=subfolder, **source)
        return cls(str(Path(folder)), **options)

    def _content(self, mask: Tensor) -> Tensor:
        """Mask the special tokens at both ends of every row."""
        special = find_special_tokens(self.tokenizer)
        content = without_ends(mask, len(special.single_start), len(special.single_end)).to(mask.dtype)
        return torch.where(content.any(1, keepdim=True), content, mask)  # a text without content keeps its own
