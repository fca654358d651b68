"""One token embedder for each indexer, their vectors side by side."""

import inspect
from collections.abc import Mapping
from typing import Any

import torch
from overrides import overrides
from torch import Tensor, nn

from embedders.empty import EmptyEmbedder
from foldformer.config import ConfigurationError
from foldformer.models import TextFieldEmbedder, TokenEmbedder
from foldformer.nn import TimeDistributed

_VARIADIC = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)


@TextFieldEmbedder.register("basic")
class BasicTextFieldEmbedder(TextFieldEmbedder):
    """Embed each indexer's tensors by the embedder of the same name; concatenate in the order of the names.

    State-dict keys are `token_embedder_<name>.*`.
    """

    def __init__(self, token_embedders: dict[str, TokenEmbedder]) -> None:
        """Build.

        Args:
            token_embedders: Embedders by the names of the indexers.

        Raises:
            ConfigurationError: There is none.
        """
        super().__init__()
        if not token_embedders:
            raise ConfigurationError("token_embedders: got none; expected one for each token indexer")
        for name, embedder in token_embedders.items():
            self.add_module(f"token_embedder_{name}", embedder)
        self._token_embedders = dict(token_embedders)
        self._names = sorted(token_embedders)

    @overrides
    def get_output_dim(self) -> int:
        return sum(embedder.get_output_dim() for embedder in self._token_embedders.values())

    @overrides
    def forward(
        self, text_field_input: Mapping[str, Mapping[str, Tensor]], num_wrapping_dims: int = 0, **kwargs: Any
    ) -> Tensor:
        """Embed one batch of a text field.

        An indexer's tensors go to the embedder by name; a single tensor goes to the single parameter, whatever their
        names are.

        Args:
            text_field_input: Tensors by indexer name, then by tensor name.
            num_wrapping_dims: Dimensions between batch and tokens, for text fields within list fields.
            **kwargs: Go to the embedders that have such a parameter.

        Returns:
            Vectors. (batch, tokens, output_dim), with the wrapping dimensions after the first

        Raises:
            ConfigurationError: Indexers and embedders do not have the same names.
            ValueError: An indexer's tensors are not those that the embedder of its name takes.
        """
        self._check_names(text_field_input)
        embedded = []
        for name in self._names:
            embedder = self._token_embedders[name]
            if isinstance(embedder, EmptyEmbedder):
                continue
            arguments = _arguments(name, embedder, text_field_input[name], kwargs)
            wrapped: nn.Module = self.get_submodule(f"token_embedder_{name}")
            for _ in range(num_wrapping_dims):
                wrapped = TimeDistributed(wrapped)
            vectors = wrapped(**arguments)
            if vectors is not None:
                embedded.append(vectors)
        return torch.cat(embedded, dim=-1)

    def _check_names(self, text_field_input: Mapping[str, Mapping[str, Tensor]]) -> None:
        empty = {name for name, embedder in self._token_embedders.items() if isinstance(embedder, EmptyEmbedder)}
        given = set(text_field_input)
        if given | empty != set(self._names) or given - set(self._names):
            raise ConfigurationError(
                f"token_embedders: got {', '.join(self._names)}; expected {', '.join(sorted(given))}, "
                "the names of the token indexers"
            )


def _arguments(
    name: str, embedder: TokenEmbedder, tensors: Mapping[str, Tensor], extras: Mapping[str, Any]
) -> dict[str, Any]:
    parameters = inspect.signature(embedder.forward).parameters
    taken = {key: value for key, value in extras.items() if key in parameters}
    named = {key: each for key, each in parameters.items() if key not in taken and each.kind not in _VARIADIC}
    takes_any = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters.values())
    if len(tensors) == 1 and len(named) == 1 and not takes_any:
        return {next(iter(named)): next(iter(tensors.values())), **taken}
    missing = {key for key, each in named.items() if each.default is inspect.Parameter.empty} - tensors.keys()
    if missing or (tensors.keys() - named.keys() and not takes_any):
        raise ValueError(
            f"text field embedder: the indexer {name!r} gives tensors {', '.join(tensors)}; "
            f"expected {', '.join(named)}, which {type(embedder).__name__} takes"
        )
    return {**tensors, **taken}
