"""One tag for each token, the whole sequence at once."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import torch
from overrides import overrides
from torch import Tensor, nn

from foldformer.config import AtLeastOne, ConfigurationError, Fraction, Problem, refuse
from foldformer.config.nearest import did_you_mean, show
from foldformer.data import TextFieldTensors
from foldformer.models.model import Model, ModelOutput, check_same_width, count_labels
from foldformer.models.pretrained_head import PretrainedHead, problems_of_head
from foldformer.models.tagging import TaggingMetrics, problems_of_encoding, require_encoding, span_encoding, words_of
from foldformer.models.text_field_embedder import TextFieldEmbedder
from foldformer.nn import (
    ConditionalRandomField,
    FeedForward,
    InitializerApplicator,
    Seq2SeqEncoder,
    TimeDistributed,
    allowed_transitions,
    get_text_field_mask,
)
from foldformer.nn.crf import (
    ConditionalRandomFieldWeightEmission,
    ConditionalRandomFieldWeightLannoy,
    ConditionalRandomFieldWeightTrans,
    LabelEncoding,
)
from foldformer.text import Vocabulary

WeightStrategy = Literal["emission", "emission_transition", "lannoy"]
WEIGHTED_CRFS = {
    "emission": ConditionalRandomFieldWeightEmission,
    "emission_transition": ConditionalRandomFieldWeightTrans,
    "lannoy": ConditionalRandomFieldWeightLannoy,
}

_REPLACED = ("feedforward", "dropout")


@Model.register("crf_tagger")
class CrfTagger(Model):
    """Embed and encode the tokens, and choose the best sequence of tags by a conditional random field.

    `tokens -> embedder [-> dropout] -> encoder [-> dropout] [-> feed-forward] -> linear -> CRF`

    With `pretrained_head`: `tokens -> embedder -> head -> CRF`
    """

    default_predictor = "sentence_tagger"

    def __init__(
        self,
        vocab: Vocabulary,
        text_field_embedder: TextFieldEmbedder,
        encoder: Seq2SeqEncoder | None = None,
        label_namespace: str = "labels",
        feedforward: FeedForward | None = None,
        label_encoding: LabelEncoding | None = None,
        include_start_end_transitions: bool = True,
        constrain_crf_decoding: bool | None = None,
        calculate_span_f1: bool | None = None,
        dropout: Fraction | None = None,
        verbose_metrics: bool = False,
        initializer: InitializerApplicator | None = None,
        top_k: AtLeastOne = 1,
        ignore_loss_on_o_tags: bool = False,
        label_weights: dict[str, float] | None = None,
        weight_strategy: WeightStrategy | None = None,
        pretrained_head: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Build.

        Args:
            vocab: The vocabulary; in a configuration it comes from outside.
            text_field_embedder: Gives the tokens their vectors.
            encoder: Encodes them; needed without `pretrained_head`.
            label_namespace: Namespace of the tags.
            feedforward: Follows the encoder.
            label_encoding: How tags stand for spans: "BIO", "IOB1", "BIOUL" or "BMES".
            include_start_end_transitions: Learn a score for beginning and for ending with each tag.
            constrain_crf_decoding: Choose only sequences that the encoding allows; None: if there is one.
            calculate_span_f1: Score spans; None: if there is an encoding.
            dropout: Dropout before and after the encoder; fraction in [0, 1).
            verbose_metrics: Give the scores of each entity too, or without an encoding those of each tag.
            initializer: Fills parameters with their first values.
            top_k: How many sequences to give.
            ignore_loss_on_o_tags: Let only tokens with another tag than "O" count in the loss.
            label_weights: Weight in the loss, by tag; 1 for those that are not there.
            weight_strategy: What the weights act on; None: "emission".
            pretrained_head: Folder or name of a model of transformers for classifying tokens, whose trained head is the
                beginning, in place of all between embedder and CRF. Its tags join the vocabulary's.
            **kwargs: Go to `Model`.

        Raises:
            ConfigurationError: There are no tags, they are not written in the encoding, a tag with a weight is not
                there, two parts do not have the same width, the head does not know the tags, or an option needs an
                encoding and there is none.
        """
        super().__init__(vocab, **kwargs)
        choice = {
            "pretrained_head": pretrained_head,
            "encoder": encoder,
            "feedforward": feedforward,
            "dropout": dropout,
        }
        refuse(problems_of_head(choice, "encoder", _REPLACED))
        self.label_namespace = label_namespace
        self.text_field_embedder = text_field_embedder
        self._head: PretrainedHead | None = None
        if pretrained_head is not None:
            self._head = PretrainedHead.load(pretrained_head, "TokenClassification", vocab, label_namespace)
        self.num_tags = count_labels(vocab, label_namespace)
        self.encoder = encoder
        self.top_k = top_k
        self.ignore_loss_on_o_tags = ignore_loss_on_o_tags
        self.dropout = nn.Dropout(dropout) if dropout else None
        self._feedforward = feedforward
        last = feedforward or encoder
        if last is not None:
            self.tag_projection_layer = TimeDistributed(nn.Linear(last.get_output_dim(), self.num_tags))
        self._check_widths()
        self.label_encoding = label_encoding
        self.include_start_end_transitions = include_start_end_transitions
        constraints = self._constraints(constrain_crf_decoding)
        self.crf = self._make_crf(constraints, label_weights, weight_strategy)
        encoding = span_encoding(calculate_span_f1, label_encoding)
        class_scores = verbose_metrics and encoding is None
        self._metrics = TaggingMetrics(vocab, label_namespace, encoding, verbose_metrics, class_scores)
        if initializer is not None:
            initializer(self)

    @classmethod
    @overrides
    def check_block(cls, block: Mapping[str, Any]) -> list[Problem]:
        """Options that need others."""
        weights = _problems_of_weights(block.get("label_weights"), block.get("weight_strategy"))
        derived = cls.__init__ is not CrfTagger.__init__  # with options of its own
        head = () if derived else problems_of_head(block, "encoder", _REPLACED)
        return [*problems_of_encoding(block), *weights, *head]

    def _check_widths(self) -> None:
        embedded = self.text_field_embedder.get_output_dim()
        if self._head is not None:
            check_same_width(embedded, self._head.input_dim, "text_field_embedder", "pretrained_head")
        if self.encoder is None:
            return
        check_same_width(embedded, self.encoder.get_input_dim(), "text_field_embedder", "encoder")
        if self._feedforward is not None:
            check_same_width(self.encoder.get_output_dim(), self._feedforward.get_input_dim(), "encoder", "feedforward")

    def _constraints(self, constrain: bool | None) -> list[tuple[int, int]] | None:
        require_encoding("constrain_crf_decoding", constrain, self.label_encoding)
        if constrain is False or self.label_encoding is None:
            return None
        return allowed_transitions(self.label_encoding, self.vocab.get_index_to_token_vocabulary(self.label_namespace))

    def _make_crf(
        self,
        constraints: list[tuple[int, int]] | None,
        label_weights: dict[str, float] | None,
        weight_strategy: WeightStrategy | None,
    ) -> ConditionalRandomField:
        if label_weights is None:
            refuse(_problems_of_weights(label_weights, weight_strategy))
            return ConditionalRandomField(self.num_tags, constraints, self.include_start_end_transitions)
        strategy = weight_strategy or "emission"
        if strategy not in WEIGHTED_CRFS:
            expected = ", ".join(f'"{name}"' for name in WEIGHTED_CRFS)
            raise ConfigurationError(f'weight_strategy: got "{strategy}"; expected one of {expected}')
        weights = self._weights_in_order(label_weights)
        return WEIGHTED_CRFS[strategy](self.num_tags, weights, constraints, self.include_start_end_transitions)

    def _weights_in_order(self, label_weights: dict[str, float]) -> list[float]:
        names = self.vocab.get_index_to_token_vocabulary(self.label_namespace)
        for label in label_weights:
            if label not in names.values():
                raise ConfigurationError(
                    f'label_weights: got the tag "{label}", which namespace {self.label_namespace!r} does not have'
                    f"{did_you_mean(label, names.values())}"
                )
        return [label_weights.get(names[tag], 1.0) for tag in range(self.num_tags)]

    @overrides(check_signature=False)
    def forward(
        self,
        tokens: TextFieldTensors,
        tags: Tensor | None = None,
        metadata: list[dict[str, Any]] | None = None,
        ignore_loss_on_o_tags: bool | None = None,
        **kwargs: Any,
    ) -> ModelOutput:
        """Choose tags.

        Args:
            tokens: From a text field.
            tags: True tags, int64. (batch, tokens)
            metadata: Of each sentence; `words` are handed on.
            ignore_loss_on_o_tags: In place of what the constructor says.
            **kwargs: Other fields of the data, not used.

        Returns:
            `logits` (batch, tokens, tags), `mask` (batch, tokens), `tags`, a list of indices for each sentence,
            `top_k_tags` (lists of tags and score) if more than one is wanted, `words` if they were given, and with
            true tags `loss`, summed over the batch.
        """
        del kwargs
        mask = get_text_field_mask(tokens)
        logits = self._logits(tokens, mask)
        best_paths = self.crf.viterbi_tags(logits, mask, self.top_k)
        predicted = [paths[0][0] for paths in best_paths]
        output: ModelOutput = {"logits": logits, "mask": mask, "tags": predicted}
        if self.top_k > 1:
            output["top_k_tags"] = best_paths
        if tags is not None:
            ignores_o = self.ignore_loss_on_o_tags if ignore_loss_on_o_tags is None else ignore_loss_on_o_tags
            counted = mask
            if ignores_o:
                counted = mask & (tags != self.vocab.get_token_index("O", self.label_namespace))
            output["loss"] = -self.crf(logits, tags, counted)
            self._metrics(_one_hot(predicted, logits), tags, mask)
        if metadata is not None:
            output["words"] = words_of(metadata)
        return output

    def _logits(self, tokens: TextFieldTensors, mask: Tensor) -> Tensor:
        vectors = self.text_field_embedder(tokens)
        if self.encoder is None:
            assert self._head is not None  # in place of an encoder
            scores: Tensor = self._head(vectors)
            return scores
        if self.dropout is not None:
            vectors = self.dropout(vectors)
        vectors = self.encoder(vectors, mask)
        if self.dropout is not None:
            vectors = self.dropout(vectors)
        if self._feedforward is not None:
            vectors = self._feedforward(vectors)
        logits: Tensor = self.tag_projection_layer(vectors)
        return logits

    @overrides
    def make_output_human_readable(self, output_dict: ModelOutput) -> ModelOutput:
        """Put the tags' names in place of their indices; `top_k_tags` become dictionaries of `tags` and `score`."""
        names = self.vocab.get_index_to_token_vocabulary(self.label_namespace)
        output_dict["tags"] = [[names[tag] for tag in tags] for tags in output_dict["tags"]]
        if "top_k_tags" in output_dict:
            output_dict["top_k_tags"] = [
                [{"tags": [names[tag] for tag in tags], "score": score} for tags, score in paths]
                for paths in output_dict["top_k_tags"]
            ]
        return output_dict

    @overrides
    def get_metrics(self, reset: bool = False) -> dict[str, float]:
        """Compute `accuracy`, `accuracy3`, and with an encoding `f1-measure-overall` and its siblings."""
        return self._metrics.get_metric(reset)


def _one_hot(paths: list[list[int]], logits: Tensor) -> Tensor:
    """Scores that are 1 for the chosen tag of each real position and 0 elsewhere, shaped as the logits."""
    scores = torch.zeros_like(logits)
    places = [(row, place, tag) for row, path in enumerate(paths) for place, tag in enumerate(path)]
    if places:
        rows, positions, tags = torch.tensor(places, device=logits.device).unbind(dim=1)
        scores[rows, positions, tags] = 1.0
    return scores


def _problems_of_weights(label_weights: Mapping[str, float] | None, strategy: str | None) -> Iterator[Problem]:
    if label_weights is None and strategy is not None:
        yield Problem("weight_strategy", f"got {show(strategy)} without label_weights; expected both")
