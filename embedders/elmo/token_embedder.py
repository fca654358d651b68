"""A vector for each word from its characters and its sentence, by ELMo."""

from collections.abc import Iterator, Mapping
from typing import Any

from overrides import overrides
from torch import Tensor, nn

from embedders.elmo.elmo import Elmo
from foldformer.config import AtLeastOne, ConfigurationError, Fraction, Problem, refuse
from foldformer.models import TokenEmbedder
from foldformer.text import Vocabulary

_PUBLISHED = (
    "https://allennlp.s3.amazonaws.com/models/elmo/2x4096_512_2048cnn_2xhighway/elmo_2x4096_512_2048cnn_2xhighway"
)


@TokenEmbedder.register("elmo_token_embedder")
class ElmoTokenEmbedder(TokenEmbedder):
    """Mix the layers of ELMo, for the tensors of the indexer `elmo_characters`.

    State-dict keys are `_elmo.*` and, with a projection, `_projection.weight` and `.bias`. Archives need neither file:
    they have the weights, and a copy of the options.
    """

    def __init__(
        self,
        options_file: str = f"{_PUBLISHED}_options.json",
        weight_file: str = f"{_PUBLISHED}_weights.hdf5",
        do_layer_norm: bool = False,
        dropout: Fraction = 0.5,
        requires_grad: bool = False,
        projection_dim: AtLeastOne | None = None,
        vocab_to_cache: list[str] | None = None,
        scalar_mix_parameters: list[float] | None = None,
        namespace_to_cache: str | None = None,
        vocab: Vocabulary | None = None,
    ) -> None:
        """Build.

        Args:
            options_file: JSON file of options: path or URL; by default those of the model that was published first.
            weight_file: HDF5 file of weights: path or URL; reading it takes h5py, which the extra `elmo` brings.
            do_layer_norm: Normalize each layer over the batch before it is mixed.
            dropout: Dropout on the vectors; fraction in [0, 1].
            requires_grad: Train ELMo; the weights of the mixture train anyway.
            projection_dim: Project the vectors to this width.
            vocab_to_cache: Words whose vectors without context are computed once; the first one is padding. `forward`
                takes their numbers as `word_inputs`.
            scalar_mix_parameters: One number a layer, the words first, before the softmax; they are not trained.
            namespace_to_cache: Namespace of the vocabulary whose tokens are `vocab_to_cache`.
            vocab: The vocabulary; in a configuration it comes from outside.

        Raises:
            ConfigurationError: A file is missing or says what cannot be, or there are two lists of words to cache.
        """
        super().__init__()
        refuse(self.check_block({"vocab_to_cache": vocab_to_cache, "namespace_to_cache": namespace_to_cache}))
        if namespace_to_cache is not None:
            vocab_to_cache = _tokens(vocab, namespace_to_cache)
        self._elmo = Elmo(
            options_file,
            weight_file,
            1,
            requires_grad=requires_grad,
            do_layer_norm=do_layer_norm,
            dropout=dropout,
            vocab_to_cache=vocab_to_cache,
            scalar_mix_parameters=scalar_mix_parameters,
        )
        self._projection = nn.Linear(self._elmo.get_output_dim(), projection_dim) if projection_dim else None
        self.output_dim = projection_dim or self._elmo.get_output_dim()

    @classmethod
    @overrides
    def check_block(cls, block: Mapping[str, Any]) -> Iterator[Problem]:
        """One list of words to cache."""
        if block.get("vocab_to_cache") is not None and block.get("namespace_to_cache") is not None:
            yield Problem("namespace_to_cache", "got a namespace beside vocab_to_cache; expected one of them")

    @overrides
    def get_output_dim(self) -> int:
        return self.output_dim

    def forward(self, elmo_tokens: Tensor, word_inputs: Tensor | None = None) -> Tensor:
        """Embed a batch.

        Args:
            elmo_tokens: Ids of characters, int64; 0 pads. (batch, ..., words, 50)
            word_inputs: Numbers of cached words, int64; 0 pads. (batch, ..., words)

        Returns:
            (batch, ..., words, output_dim); without a projection zero where padded.

        Raises:
            ValueError: The ids are of another shape, or a character has no vector.
        """
        vectors: Tensor = self._elmo(elmo_tokens, word_inputs)["elmo_representations"][0]
        return vectors if self._projection is None else self._projection(vectors)


def _tokens(vocab: Vocabulary | None, namespace: str) -> list[str]:
    if vocab is None:
        raise ConfigurationError("elmo_token_embedder: got namespace_to_cache without a vocabulary; expected both")
    return list(vocab.get_token_to_index_vocabulary(namespace))
