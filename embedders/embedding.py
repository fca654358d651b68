"""One learned or pretrained vector for each token of a vocabulary."""

import logging

import torch
from overrides import overrides
from torch import Tensor, nn
from torch.nn.functional import embedding

from embedders.pretrained_vectors import read_pretrained_vectors
from foldformer.config import AtLeastOne, ConfigurationError
from foldformer.models import TokenEmbedder
from foldformer.text import Vocabulary

logger = logging.getLogger(__name__)


@TokenEmbedder.register("embedding")
class Embedding(TokenEmbedder):
    """Look up a vector for each id; ids may have any number of dimensions.

    State-dict keys are `weight` and, with a projection, `_projection.weight` and `.bias`.
    """

    def __init__(
        self,
        embedding_dim: AtLeastOne,
        num_embeddings: AtLeastOne | None = None,
        projection_dim: AtLeastOne | None = None,
        weight: Tensor | None = None,
        padding_index: int | None = None,
        trainable: bool = True,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        vocab_namespace: str = "tokens",
        pretrained_file: str | None = None,
        vocab: Vocabulary | None = None,
    ) -> None:
        """Build with random vectors, given ones, or those of a file.

        Args:
            embedding_dim: Width of the vectors.
            num_embeddings: How many vectors; None: the size of the vocabulary's namespace.
            projection_dim: Project the vectors to this width, as makes sense where they are not trained.
            weight: The vectors to begin with. (num_embeddings, embedding_dim)
            padding_index: Id whose vector is zeros and gets no gradient.
            trainable: Train the vectors.
            max_norm: Shrink longer vectors to this length, when they are looked up.
            norm_type: The p of the p-norm that `max_norm` is measured in.
            scale_grad_by_freq: Divide gradients by how often the id is in the batch.
            sparse: Make sparse gradients.
            vocab_namespace: Namespace of the tokens.
            pretrained_file: File with a word and its vector in each line; also compressed, or `(archive)#inside`.
                Words of the vocabulary that it lacks get random vectors of the same mean and deviation.
            vocab: The vocabulary; in a configuration it comes from outside.

        Raises:
            ConfigurationError: The arguments leave open how many vectors there are, contradict each other, or the file
                cannot be used.
        """
        super().__init__()
        self._vocab_namespace = vocab_namespace if num_embeddings is None else None
        self.num_embeddings = _count(num_embeddings, vocab, vocab_namespace)
        self.padding_index = padding_index
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        self.sparse = sparse
        self._pretrained_file = pretrained_file
        self.output_dim = projection_dim or embedding_dim
        if pretrained_file is not None:
            weight = _pretrained(pretrained_file, weight, embedding_dim, vocab, vocab_namespace)
        if weight is None:
            weight = nn.init.xavier_uniform_(torch.empty(self.num_embeddings, embedding_dim))
        self.weight = nn.Parameter(weight, requires_grad=trainable)
        self._check_weight(embedding_dim)
        self._projection = nn.Linear(embedding_dim, projection_dim) if projection_dim else None

    def _check_weight(self, embedding_dim: int) -> None:
        expected = (self.num_embeddings, embedding_dim)
        if tuple(self.weight.shape) != expected:
            raise ConfigurationError(f"weight: got shape {tuple(self.weight.shape)}; expected {expected}")
        if self.padding_index is None:
            return
        if not -self.num_embeddings <= self.padding_index < self.num_embeddings:
            raise ConfigurationError(
                f"padding_index: got {self.padding_index}; expected one of the {self.num_embeddings} ids"
            )
        with torch.no_grad():
            self.weight[self.padding_index] = 0.0

    @overrides
    def get_output_dim(self) -> int:
        return self.output_dim

    def forward(self, tokens: Tensor) -> Tensor:
        """Look up the vectors.

        Args:
            tokens: Ids, int64. (batch, ..., tokens)

        Returns:
            (batch, ..., tokens, output_dim)

        Raises:
            ValueError: An id has no vector.
        """
        try:
            embedded = embedding(
                tokens,
                self.weight,
                padding_idx=self.padding_index,
                max_norm=self.max_norm,
                norm_type=self.norm_type,
                scale_grad_by_freq=self.scale_grad_by_freq,
                sparse=self.sparse,
            )
        except IndexError as error:
            raise ValueError(self._describe_bad_id(tokens)) from error
        projected: Tensor = embedded if self._projection is None else self._projection(embedded)
        return projected

    def _describe_bad_id(self, tokens: Tensor) -> str:
        place = ((tokens < 0) | (tokens >= self.num_embeddings)).nonzero()[0].tolist()
        namespace = f" (namespace {self._vocab_namespace!r})" if self._vocab_namespace else ""
        return (
            f"embedding: got id {tokens[tuple(place)].item()} at position {place}; expected ids from 0 to "
            f"{self.num_embeddings - 1}{namespace}; the vocabulary may have grown since the model was made"
        )

    def extend_vocab(
        self,
        extended_vocab: Vocabulary,
        vocab_namespace: str | None = None,
        extension_pretrained_file: str | None = None,
        model_path: str | None = None,
    ) -> None:
        """Append vectors for the tokens that the vocabulary has gained; those that were there stay.

        Nothing happens where the namespace is not known, as for an embedding that was made with `num_embeddings`.

        Args:
            extended_vocab: The vocabulary.
            vocab_namespace: Namespace of the tokens; None: the one that it was made with.
            extension_pretrained_file: File of vectors; None: the one that it was made with, if it is still there,
                otherwise random vectors.
            model_path: Where in the model the embedding is, for messages.

        Raises:
            ConfigurationError: The vocabulary has fewer tokens than there are vectors, or the file cannot be used.
        """
        namespace = vocab_namespace or self._vocab_namespace
        if namespace is None:
            logger.info("%s: made without a vocabulary, so it is not extended", model_path or "embedding")
            return
        size = extended_vocab.get_vocab_size(namespace)
        if size < self.num_embeddings:
            raise ConfigurationError(
                f"{model_path or 'embedding'}: the namespace {namespace!r} has {size} tokens; expected at least "
                f"{self.num_embeddings}, for as many have vectors: is it the right vocabulary?"
            )
        if size == self.num_embeddings:
            return
        added = self._vectors_to_add(extended_vocab, namespace, extension_pretrained_file, model_path)
        extended = torch.cat([self.weight.data, added.to(self.weight)])
        self.weight = nn.Parameter(extended, requires_grad=self.weight.requires_grad)
        self.num_embeddings = size

    def _vectors_to_add(
        self, vocab: Vocabulary, namespace: str, pretrained_file: str | None, model_path: str | None
    ) -> Tensor:
        dim = self.weight.size(1)
        if pretrained_file is not None:
            return read_pretrained_vectors(pretrained_file, dim, vocab, namespace)[self.num_embeddings :]
        if self._pretrained_file is not None:
            try:
                return read_pretrained_vectors(self._pretrained_file, dim, vocab, namespace)[self.num_embeddings :]
            except FileNotFoundError:
                name = model_path or "embedding"
                logger.warning("%s: %s is gone; new tokens get random vectors", name, self._pretrained_file)
        return nn.init.xavier_uniform_(torch.empty(vocab.get_vocab_size(namespace) - self.num_embeddings, dim))


def _count(num_embeddings: int | None, vocab: Vocabulary | None, namespace: str) -> int:
    if num_embeddings is not None:
        return num_embeddings
    if vocab is None:
        raise ConfigurationError("embedding: got neither num_embeddings nor a vocabulary; expected one of them")
    return vocab.get_vocab_size(namespace)


def _pretrained(
    pretrained_file: str, weight: Tensor | None, dim: int, vocab: Vocabulary | None, namespace: str
) -> Tensor:
    if weight is not None:
        raise ConfigurationError("embedding: got both weight and pretrained_file; expected one of them")
    if vocab is None:
        raise ConfigurationError("embedding: got pretrained_file without a vocabulary; expected both")
    try:
        return read_pretrained_vectors(pretrained_file, dim, vocab, namespace)
    except FileNotFoundError as error:
        raise ConfigurationError(f"pretrained_file: {error}") from error
