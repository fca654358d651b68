"""Which mentions of a text mean the same."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from overrides import overrides
from torch import Tensor, nn

from foldformer.config import AtLeastOne, Fraction
from foldformer.data import TextFieldTensors
from foldformer.models.metrics import ConllCorefScores, MentionRecall
from foldformer.models.model import Model, ModelOutput
from foldformer.models.text_field_embedder import TextFieldEmbedder
from foldformer.nn import FeedForward, InitializerApplicator, Seq2SeqEncoder, TimeDistributed, get_text_field_mask
from foldformer.nn.functions.combine import weighted_sum
from foldformer.nn.functions.limits import min_value_of_dtype
from foldformer.nn.functions.masked import masked_log_softmax, masked_softmax, masked_topk
from foldformer.nn.functions.select import batched_index_select, bucket_values
from foldformer.nn.layers import GatedSum
from foldformer.nn.span_extractors import EndpointSpanExtractor, SelfAttentiveSpanExtractor
from foldformer.text import Vocabulary

NUM_DISTANCE_BUCKETS = 10
NO_SPAN = -100
"""Label of an antecedent that is none; spans without a cluster have -1."""


class Antecedents(NamedTuple):
    """For each span that is kept, the spans before it that may be its antecedents. (batch, kept, antecedents) each."""

    scores: Tensor
    """Mention scores of both, and what a coarse look gives the pair."""
    mask: Tensor
    offsets: Tensor
    """How many kept spans before."""
    indices: Tensor


@Model.register("coref")
class CoreferenceResolver(Model):
    """Score all spans as mentions, keep the best, and choose for each an antecedent among those before it, or none.

    Source: Lee et al., End-to-end neural coreference resolution, 2017; with `coarse_to_fine` and `inference_order`
    Lee, He and Zettlemoyer, Higher-order coreference resolution with coarse-to-fine inference, 2018.
    """

    default_predictor = "coreference_resolution"

    def __init__(
        self,
        vocab: Vocabulary,
        text_field_embedder: TextFieldEmbedder,
        context_layer: Seq2SeqEncoder,
        mention_feedforward: FeedForward,
        antecedent_feedforward: FeedForward,
        feature_size: AtLeastOne,
        max_span_width: AtLeastOne,
        spans_per_word: float,
        max_antecedents: AtLeastOne,
        coarse_to_fine: bool = False,
        inference_order: AtLeastOne = 1,
        lexical_dropout: Fraction = 0.2,
        initializer: InitializerApplicator | None = None,
        **kwargs: Any,
    ) -> None:
        """Build.

        Args:
            vocab: The vocabulary; in a configuration it comes from outside.
            text_field_embedder: Gives the tokens their vectors.
            context_layer: Encodes them.
            mention_feedforward: Follows the vector of a span, before its score as a mention.
            antecedent_feedforward: Follows the vector of a pair of spans, before its score.
            feature_size: Width of the vectors for a span's width and for the distance of a pair.
            max_span_width: The longest span, in tokens; as the reader's.
            spans_per_word: How many spans are kept for each token.
            max_antecedents: How many antecedents are considered for each span.
            coarse_to_fine: Choose these by a coarse score of all pairs, not by their distance.
            inference_order: How often spans are refined by their antecedents, plus one.
            lexical_dropout: Dropout on the tokens' vectors.
            initializer: Fills parameters with their first values.
            **kwargs: Go to `Model`.
        """
        super().__init__(vocab, **kwargs)
        self._text_field_embedder = text_field_embedder
        self._context_layer = context_layer
        self._mention_feedforward = TimeDistributed(mention_feedforward)
        self._mention_scorer = TimeDistributed(nn.Linear(mention_feedforward.get_output_dim(), 1))
        self._antecedent_feedforward = TimeDistributed(antecedent_feedforward)
        self._antecedent_scorer = TimeDistributed(nn.Linear(antecedent_feedforward.get_output_dim(), 1))
        self._endpoint_span_extractor = EndpointSpanExtractor(
            context_layer.get_output_dim(), "x,y", max_span_width, feature_size
        )
        self._attentive_span_extractor = SelfAttentiveSpanExtractor(text_field_embedder.get_output_dim())
        self._distance_embedding = nn.Embedding(NUM_DISTANCE_BUCKETS, feature_size)
        nn.init.xavier_uniform_(self._distance_embedding.weight)
        self._spans_per_word = spans_per_word
        self._max_antecedents = max_antecedents
        self._inference_order = inference_order
        span_dim = mention_feedforward.get_input_dim()
        self._coarse2fine_scorer = nn.Linear(span_dim, span_dim) if coarse_to_fine else None
        self._span_updating_gated_sum = GatedSum(span_dim) if inference_order > 1 else None
        self._lexical_dropout = nn.Dropout(lexical_dropout)
        self._mention_recall = MentionRecall()
        self._conll_coref_scores = ConllCorefScores()
        if initializer is not None:
            initializer(self)

    @overrides(check_signature=False)
    def forward(
        self,
        text: TextFieldTensors,
        spans: Tensor,
        span_labels: Tensor | None = None,
        metadata: Sequence[Mapping[str, Any]] | None = None,
    ) -> ModelOutput:
        """Choose antecedents.

        Args:
            text: From a text field.
            spans: First and last token of every span, last included; -1: none. (batch, spans, 2)
            span_labels: The cluster of each; -1: none. (batch, spans)
            metadata: `original_text` of each document, and with labels `clusters`.

        Returns:
            `top_spans` (batch, kept, 2), `antecedent_indices` (batch, kept, antecedents), `predicted_antecedents`
            (batch, kept; -1: none), with metadata `document`, and with labels `loss`.
        """
        is_span, spans = spans[..., 0] >= 0, spans.clamp(min=0)
        vectors = self._span_vectors(text, spans)
        mention_scores = self._mention_scorer(self._mention_feedforward(vectors)).squeeze(-1)
        num_tokens = get_text_field_mask(text).size(1)
        num_kept = min(max(math.floor(self._spans_per_word * num_tokens), 1), spans.size(1))
        kept_scores, kept_mask, kept = masked_topk(mention_scores, is_span, num_kept)
        kept_spans, kept_vectors = batched_index_select(spans, kept), batched_index_select(vectors, kept)
        antecedents = self._antecedents(kept_vectors, kept_scores, kept_mask)
        scores = self._refined_scores(kept_vectors, antecedents)
        predicted = scores.argmax(dim=2) - 1
        output: ModelOutput = {
            "top_spans": kept_spans,
            "antecedent_indices": antecedents.indices,
            "predicted_antecedents": predicted,
        }
        if span_labels is not None:
            labels = batched_index_select(span_labels.unsqueeze(-1), kept)  # (batch, kept, 1)
            output["loss"] = _loss(scores, kept_mask, labels, antecedents)
            self._mention_recall(kept_spans, metadata or [])
            self._conll_coref_scores(kept_spans, antecedents.indices, predicted, metadata or [])
        if metadata is not None:
            output["document"] = [each["original_text"] for each in metadata]
        return output

    def _span_vectors(self, text: TextFieldTensors, spans: Tensor) -> Tensor:
        tokens = self._lexical_dropout(self._text_field_embedder(text))
        in_context = self._context_layer(tokens, get_text_field_mask(text))
        ends, attended = self._endpoint_span_extractor(in_context, spans), self._attentive_span_extractor(tokens, spans)
        return torch.cat([ends, attended], dim=-1)

    def _antecedents(self, vectors: Tensor, mention_scores: Tensor, mask: Tensor) -> Antecedents:
        """Choose those that are looked at closely: by a coarse score, or the nearest ones."""
        num_kept = vectors.size(1)
        places = torch.arange(num_kept, device=vectors.device)
        most = min(self._max_antecedents, num_kept)
        if self._coarse2fine_scorer is None:
            offsets = places[:most] + 1
            indices = places.unsqueeze(1) - offsets  # (kept, antecedents)
            is_before, indices = indices >= 0, indices.clamp(min=0)
            scores = mention_scores.unsqueeze(-1) + mention_scores[:, indices]
            wide = (each.expand_as(scores) for each in (is_before, offsets, indices))
            return Antecedents(scores, *wide)
        bilinear = vectors @ self._coarse2fine_scorer(vectors).transpose(1, 2)
        coarse = mention_scores.unsqueeze(1) + mention_scores.unsqueeze(2) + bilinear
        is_pair = mask.unsqueeze(-1) & (places.unsqueeze(1) > places)
        scores, chosen_mask, indices = masked_topk(coarse, is_pair, most)
        return Antecedents(scores, chosen_mask, places.view(1, -1, 1) - indices, indices)

    def _refined_scores(self, vectors: Tensor, antecedents: Antecedents) -> Tensor:
        """Score the pairs, refine spans by their antecedents, and score again. (batch, kept, 1 + antecedents)."""
        others = batched_index_select(vectors, antecedents.indices)
        scores = self._pair_scores(vectors, others, antecedents)
        for _ in range(self._inference_order - 1):
            assert self._span_updating_gated_sum is not None, "made with an order above 1"
            itself = torch.ones_like(antecedents.mask[..., :1])
            weights = masked_softmax(scores, torch.cat([itself, antecedents.mask], dim=-1), memory_efficient=True)
            attended = weighted_sum(torch.cat([vectors.unsqueeze(2), others], dim=2), weights)
            vectors = self._span_updating_gated_sum(vectors, attended)
            others = batched_index_select(vectors, antecedents.indices)
            scores = self._pair_scores(vectors, others, antecedents)
        return scores

    def _pair_scores(self, vectors: Tensor, others: Tensor, antecedents: Antecedents) -> Tensor:
        """Score the pairs; in the first place 0, for no antecedent."""
        own = vectors.unsqueeze(2).expand_as(others)
        buckets = bucket_values(antecedents.offsets, num_total_buckets=NUM_DISTANCE_BUCKETS)
        pairs = torch.cat([own, others, own * others, self._distance_embedding(buckets)], dim=-1)
        scores = self._antecedent_scorer(self._antecedent_feedforward(pairs)).squeeze(-1) + antecedents.scores
        scores = scores.masked_fill(~antecedents.mask, min_value_of_dtype(scores.dtype))
        return nn.functional.pad(scores, (1, 0))

    @overrides
    def make_output_human_readable(self, output_dict: ModelOutput) -> ModelOutput:
        """Add the `clusters` of mentions, each by its first and last token."""
        names = ("top_spans", "antecedent_indices", "predicted_antecedents")
        rows = zip(*(output_dict[name].detach().cpu() for name in names), strict=True)
        output_dict["clusters"] = [
            [list(cluster) for cluster in self._conll_coref_scores.get_predicted_clusters(*row)[0]] for row in rows
        ]
        return output_dict

    @overrides
    def get_metrics(self, reset: bool = False) -> dict[str, float]:
        """Compute `coref_precision`, `coref_recall`, `coref_f1` and `mention_recall`."""
        precision, recall, f1 = self._conll_coref_scores.get_metric(reset)
        return {
            "coref_precision": precision,
            "coref_recall": recall,
            "coref_f1": f1,
            "mention_recall": self._mention_recall.get_metric(reset),
        }


def _loss(scores: Tensor, mask: Tensor, labels: Tensor, antecedents: Antecedents) -> Tensor:
    """The negative log probability of any right antecedent, summed over spans; none is right where there is none."""
    others = batched_index_select(labels, antecedents.indices).squeeze(-1).masked_fill(~antecedents.mask, NO_SPAN)
    is_right = (labels == others) & (labels >= 0)
    right = torch.cat([~is_right.any(dim=-1, keepdim=True), is_right], dim=-1)
    log_probabilities = masked_log_softmax(scores, mask.unsqueeze(-1))
    return -log_probabilities.masked_fill(~right, -torch.inf).logsumexp(dim=-1).sum()
