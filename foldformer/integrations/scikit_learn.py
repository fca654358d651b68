"""Documents as features for scikit-learn."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foldformer.choices import DocumentMode, EmbeddingDtype, Layers
from foldformer.config.optional import import_optional
from foldformer.embedding import DocumentEmbedder

_base: Any = import_optional("sklearn.base", extra="sklearn")


class FoldformerTransformer(_base.TransformerMixin, _base.BaseEstimator):  # type: ignore[misc]
    """Turn each document, of any length, into one vector: a step of a scikit-learn `Pipeline`.

    Nothing is learned. The transformer is loaded when it is first needed, and the clones that cross-validation makes
    share it; pickling keeps its name and options only.

    Args:
        model_name: Folder, name in the local cache, or name on the hub.
        max_length: Longest segment, in wordpieces, special tokens included; None takes all positions.
        document_mode: How a document's wordpieces become one vector.
        layers: "last", or "mix" for the mean of all layers.
        normalize: Give every vector the length 1.
        pool_special_tokens: Count the special tokens at both ends of a document too.
        dtype: What the transformer computes in.
        device: "cuda", "cpu", ...; a GPU if there is one by default.
    """

    def __init__(
        self,
        model_name: str,
        *,
        max_length: int | None = None,
        document_mode: DocumentMode = "avg",
        layers: Layers = "last",
        normalize: bool = False,
        pool_special_tokens: bool = False,
        dtype: EmbeddingDtype = "float32",
        device: str | None = None,
    ) -> None:
        self.model_name = model_name
        self.max_length = max_length
        self.document_mode = document_mode
        self.layers = layers
        self.normalize = normalize
        self.pool_special_tokens = pool_special_tokens
        self.dtype = dtype
        self.device = device

    def fit(self, documents: Iterable[str | Sequence[str]], y: Any = None) -> "FoldformerTransformer":
        """Load the transformer.

        Raises:
            ConfigurationError: No such model, or options that do not fit it.
        """
        del documents, y
        self._embedder()
        return self

    def transform(self, documents: Iterable[str | Sequence[str]]) -> NDArray[np.float32]:
        """Embed documents. (documents, dim)

        Args:
            documents: Texts, or lists of words.

        Raises:
            ValueError: A document is neither, or all of them are one string.
        """
        embedder = self._embedder()
        given = documents if isinstance(documents, (str, bytes)) else list(documents)
        rows = [document.vectors for document in embedder.embed(given)]
        return np.concatenate([np.zeros((0, embedder.dim), np.float32), *rows])

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Name the dimensions: `foldformer0`, `foldformer1`, ..."""
        del input_features
        return np.array([f"foldformer{number}" for number in range(self._embedder().dim)], dtype=object)

    def __sklearn_is_fitted__(self) -> bool:
        """Return True, as there is nothing to learn."""
        return True

    def __sklearn_tags__(self) -> Any:
        """Say that texts go in, and that `fit` is not needed."""
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.two_d_array, tags.requires_fit = True, False, False
        return tags

    def _embedder(self) -> DocumentEmbedder:
        return _shared_embedder(**self.get_params())


@lru_cache(maxsize=2)
def _shared_embedder(model_name: str, **options: Any) -> DocumentEmbedder:
    return DocumentEmbedder(model_name, level="document", **options)
