"""One tag for each token, each on its own."""

from collections.abc import Iterator, Mapping
from typing import Any

from overrides import overrides
from torch import Tensor, nn

from foldformer.config import Problem, refuse
from foldformer.data import Instance, TextField, TextFieldTensors
from foldformer.models.model import Model, ModelOutput, check_same_width, count_labels
from foldformer.models.pretrained_head import PretrainedHead, problems_of_head
from foldformer.models.tagging import TaggingMetrics, problems_of_encoding, span_encoding, words_of
from foldformer.models.text_field_embedder import TextFieldEmbedder
from foldformer.nn import (
    InitializerApplicator,
    Seq2SeqEncoder,
    TimeDistributed,
    get_text_field_mask,
    sequence_cross_entropy_with_logits,
)
from foldformer.nn.crf import LabelEncoding
from foldformer.text import Vocabulary


@Model.register("simple_tagger")
class SimpleTagger(Model):
    """Embed and encode the tokens, and score each tag of each token by a linear layer or a pretrained head."""

    default_predictor = "sentence_tagger"

    def __init__(
        self,
        vocab: Vocabulary,
        text_field_embedder: TextFieldEmbedder,
        encoder: Seq2SeqEncoder | None = None,
        calculate_span_f1: bool | None = None,
        label_encoding: LabelEncoding | None = None,
        label_namespace: str = "labels",
        verbose_metrics: bool = False,
        initializer: InitializerApplicator | None = None,
        pretrained_head: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Build.

        Args:
            vocab: The vocabulary; in a configuration it comes from outside.
            text_field_embedder: Gives the tokens their vectors.
            encoder: Encodes them; needed without `pretrained_head`.
            calculate_span_f1: Score spans; None: if there is a `label_encoding`.
            label_encoding: How tags stand for spans: "BIO", "IOB1", "BIOUL" or "BMES".
            label_namespace: Namespace of the tags.
            verbose_metrics: Give the scores of each entity too.
            initializer: Fills parameters with their first values.
            pretrained_head: Folder or name of a model of transformers for classifying tokens, whose trained head is the
                beginning, in place of all that follows the embedder. Its tags join the vocabulary's.
            **kwargs: Go to `Model`.

        Raises:
            ConfigurationError: There are no tags, they are not written in the encoding, the encoder or the head does
                not take vectors as wide as the embedder gives, the head does not know the tags, or spans are to be
                scored without an encoding.
        """
        super().__init__(vocab, **kwargs)
        refuse(problems_of_head({"pretrained_head": pretrained_head, "encoder": encoder}, "encoder"))
        self.label_namespace = label_namespace
        self.text_field_embedder = text_field_embedder
        self.encoder = encoder
        self._head: PretrainedHead | None = None
        width = text_field_embedder.get_output_dim()
        if pretrained_head is not None:
            self._head = PretrainedHead.load(pretrained_head, "TokenClassification", vocab, label_namespace)
            check_same_width(width, self._head.input_dim, "text_field_embedder", "pretrained_head")
        self.num_classes = count_labels(vocab, label_namespace)
        if encoder is not None:
            self.tag_projection_layer = TimeDistributed(nn.Linear(encoder.get_output_dim(), self.num_classes))
            check_same_width(width, encoder.get_input_dim(), "text_field_embedder", "encoder")
        encoding = span_encoding(calculate_span_f1, label_encoding)
        self._metrics = TaggingMetrics(vocab, label_namespace, encoding, verbose_metrics)
        if initializer is not None:
            initializer(self)

    @classmethod
    @overrides
    def check_block(cls, block: Mapping[str, Any]) -> Iterator[Problem]:
        """Options that need an encoding; an encoder, or a head in its place."""
        yield from problems_of_encoding(block)
        if cls.__init__ is SimpleTagger.__init__:  # a class derived from it has options of its own
            yield from problems_of_head(block, "encoder")

    @overrides(check_signature=False)
    def forward(
        self,
        tokens: TextFieldTensors,
        tags: Tensor | None = None,
        metadata: list[dict[str, Any]] | None = None,
        ignore_loss_on_o_tags: bool = False,
    ) -> ModelOutput:
        """Score the tags.

        Args:
            tokens: From a text field.
            tags: True tags, int64. (batch, tokens)
            metadata: Of each sentence; `words` are handed on.
            ignore_loss_on_o_tags: Let only tokens with another tag than "O" count in the loss.

        Returns:
            `logits` and `class_probabilities` (batch, tokens, tags), `words` if they were given, and with tags `loss`.
        """
        mask = get_text_field_mask(tokens)
        logits = self._score(self.text_field_embedder(tokens), mask)
        output: ModelOutput = {"logits": logits, "class_probabilities": logits.softmax(dim=-1)}
        if tags is not None:
            counted = mask
            if ignore_loss_on_o_tags:
                counted = mask & (tags != self.vocab.get_token_index("O", self.label_namespace))
            output["loss"] = sequence_cross_entropy_with_logits(logits, tags, counted)
            self._metrics(logits, tags, mask)
        if metadata is not None:
            output["words"] = words_of(metadata)
        return output

    def _score(self, vectors: Tensor, mask: Tensor) -> Tensor:
        if self.encoder is None:
            assert self._head is not None  # in place of an encoder
            scores: Tensor = self._head(vectors)
            return scores
        logits: Tensor = self.tag_projection_layer(self.encoder(vectors, mask))
        return logits

    @overrides
    def make_output_human_readable(self, output_dict: ModelOutput) -> ModelOutput:
        """Add the best tag of each position as `tags`; `forward_on_instances` takes those of padding away."""
        names = self.vocab.get_index_to_token_vocabulary(self.label_namespace)
        best = output_dict["class_probabilities"].argmax(dim=-1).tolist()
        output_dict["tags"] = [[names[tag] for tag in row] for row in best]
        return output_dict

    @overrides
    def without_padding(self, output: ModelOutput, instance: Instance) -> ModelOutput:
        """Leave a tag for each token of the sentence; AllenNLP tags padding too."""
        sentence = instance.fields.get("tokens")
        if not isinstance(sentence, TextField) or "tags" not in output:  # of a model derived from this one
            return output
        return {**output, "tags": output["tags"][: len(sentence)]}

    @overrides
    def get_metrics(self, reset: bool = False) -> dict[str, float]:
        """Compute `accuracy`, `accuracy3`, and with an encoding `f1-measure-overall` and its siblings."""
        return self._metrics.get_metric(reset)
