"""One label for each text."""

from collections.abc import Iterator, Mapping
from typing import Any

from overrides import overrides
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from foldformer.config import AtLeastOne, ConfigurationError, Fraction, Problem, refuse
from foldformer.data import TextFieldTensors
from foldformer.models.metrics import CategoricalAccuracy
from foldformer.models.model import Model, ModelOutput, check_same_width, count_labels
from foldformer.models.pretrained_head import PretrainedHead, problems_of_head
from foldformer.models.text_field_embedder import TextFieldEmbedder
from foldformer.nn import (
    FeedForward,
    InitializerApplicator,
    Seq2SeqEncoder,
    Seq2VecEncoder,
    get_text_field_mask,
    get_token_ids_from_text_field_tensors,
)
from foldformer.text import Vocabulary

_REPLACED = ("seq2seq_encoder", "feedforward", "dropout", "num_labels")


@Model.register("basic_classifier")
class BasicClassifier(Model):
    """Embed the text, encode it into one vector, and score each label by a linear layer.

    `tokens -> embedder [-> seq2seq encoder] -> seq2vec encoder [-> dropout] [-> feed-forward] -> linear`

    With `pretrained_head`: `tokens -> embedder -> head`
    """

    default_predictor = "text_classifier"

    def __init__(
        self,
        vocab: Vocabulary,
        text_field_embedder: TextFieldEmbedder,
        seq2vec_encoder: Seq2VecEncoder | None = None,
        seq2seq_encoder: Seq2SeqEncoder | None = None,
        feedforward: FeedForward | None = None,
        dropout: Fraction | None = None,
        num_labels: AtLeastOne | None = None,
        label_namespace: str = "labels",
        namespace: str = "tokens",
        initializer: InitializerApplicator | None = None,
        pretrained_head: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Build.

        Args:
            vocab: The vocabulary; in a configuration it comes from outside.
            text_field_embedder: Gives the tokens their vectors.
            seq2vec_encoder: Makes one vector of them; needed without `pretrained_head`.
            seq2seq_encoder: Encodes them before that.
            feedforward: Follows after that.
            dropout: Dropout on the text's vector; fraction in [0, 1).
            num_labels: How many labels; None: as many as the vocabulary has.
            label_namespace: Namespace of the labels.
            namespace: Namespace of the tokens, to name them in the output; where the vocabulary has none in it, the
                wordpieces of the indexer's transformer do.
            initializer: Fills parameters with their first values.
            pretrained_head: Folder or name of a model of transformers for classifying texts, whose trained head is the
                beginning, in place of all that follows the embedder. Its labels join the vocabulary's.
            **kwargs: Go to `Model`.

        Raises:
            ConfigurationError: There are no labels or more than `num_labels`, one part does not take vectors as wide
                as the one before gives, or there is no such head, or one that does not know the labels.
        """
        super().__init__(vocab, **kwargs)
        choice: dict[str, Any] = {"pretrained_head": pretrained_head, "seq2vec_encoder": seq2vec_encoder}
        choice |= {"seq2seq_encoder": seq2seq_encoder, "feedforward": feedforward}
        choice |= {"dropout": dropout, "num_labels": num_labels}
        refuse(problems_of_head(choice, "seq2vec_encoder", _REPLACED))
        self._text_field_embedder = text_field_embedder
        self._seq2seq_encoder = seq2seq_encoder
        self._seq2vec_encoder = seq2vec_encoder
        self._feedforward = feedforward
        self._dropout = nn.Dropout(dropout) if dropout else None
        self._label_namespace = label_namespace
        self._namespace = namespace
        self._head: PretrainedHead | None = None
        if pretrained_head is not None:
            self._head = PretrainedHead.load(pretrained_head, "SequenceClassification", vocab, label_namespace)
        self._check_widths()
        self._num_labels = num_labels or count_labels(vocab, label_namespace)
        known = vocab.get_vocab_size(label_namespace)
        if self._num_labels < known:
            raise ConfigurationError(
                f"num_labels: got {num_labels}; expected at least {known}, the labels in namespace {label_namespace!r}"
            )
        last = feedforward or seq2vec_encoder
        if last is not None:
            self._classification_layer = nn.Linear(last.get_output_dim(), self._num_labels)
        self._accuracy = CategoricalAccuracy()
        if initializer is not None:
            initializer(self)

    @classmethod
    @overrides
    def check_block(cls, block: Mapping[str, Any]) -> Iterator[Problem]:
        """An encoder, or a head in place of all that follows the embedder."""
        if cls.__init__ is BasicClassifier.__init__:  # a class derived from it has options of its own
            yield from problems_of_head(block, "seq2vec_encoder", _REPLACED)

    def _check_widths(self) -> None:
        giver, width = "text_field_embedder", self._text_field_embedder.get_output_dim()
        for taker, part in (
            ("seq2seq_encoder", self._seq2seq_encoder),
            ("seq2vec_encoder", self._seq2vec_encoder),
            ("feedforward", self._feedforward),
        ):
            if part is not None:
                check_same_width(width, part.get_input_dim(), giver, taker)
                giver, width = taker, part.get_output_dim()
        if self._head is not None:
            check_same_width(width, self._head.input_dim, giver, "pretrained_head")

    @overrides(check_signature=False)
    def forward(self, tokens: TextFieldTensors, label: Tensor | None = None, metadata: Any = None) -> ModelOutput:
        """Score the labels.

        Args:
            tokens: From a text field.
            label: True labels, int64. (batch,) or (batch, 1)
            metadata: Not used.

        Returns:
            `logits` and `probs` (batch, labels), `token_ids` (batch, tokens), and with labels `loss`.
        """
        del metadata
        mask = get_text_field_mask(tokens)
        vectors = self._text_field_embedder(tokens)
        logits = self._score(vectors, mask) if self._head is None else self._head(vectors, mask)
        output: ModelOutput = {"logits": logits, "probs": logits.softmax(dim=-1)}
        output["token_ids"] = get_token_ids_from_text_field_tensors(tokens)
        if label is not None:
            gold = label.long().view(-1)
            output["loss"] = cross_entropy(logits, gold)
            self._accuracy(logits, gold)
        return output

    def _score(self, vectors: Tensor, mask: Tensor) -> Tensor:
        assert self._seq2vec_encoder is not None  # as there is no head
        if self._seq2seq_encoder is not None:
            vectors = self._seq2seq_encoder(vectors, mask=mask)
        text = self._seq2vec_encoder(vectors, mask=mask)  # (batch, dim)
        if self._dropout is not None:
            text = self._dropout(text)
        if self._feedforward is not None:
            text = self._feedforward(text)
        logits: Tensor = self._classification_layer(text)
        return logits

    @overrides
    def make_output_human_readable(self, output_dict: ModelOutput) -> ModelOutput:
        """Add the best label of each text as `label`, and its tokens, with those of padding, as `tokens`."""
        labels = self.vocab.get_index_to_token_vocabulary(self._label_namespace)
        tokens = self.vocab.get_index_to_token_vocabulary(self._token_namespace())
        best = output_dict["probs"].argmax(dim=-1).tolist()
        output_dict["label"] = [labels.get(index, str(index)) for index in best]
        rows = output_dict["token_ids"].tolist()
        output_dict["tokens"] = [[tokens.get(index, str(index)) for index in row] for row in rows]
        return output_dict

    def _token_namespace(self) -> str:
        filled = self.vocab.transformer_namespaces()
        is_empty = self.vocab.get_vocab_size(self._namespace) <= (2 if self.vocab.is_padded(self._namespace) else 0)
        return filled[0] if is_empty and len(filled) == 1 else self._namespace

    @overrides
    def get_metrics(self, reset: bool = False) -> dict[str, float]:
        """Compute `accuracy`."""
        return {"accuracy": self._accuracy.get_metric(reset)}
