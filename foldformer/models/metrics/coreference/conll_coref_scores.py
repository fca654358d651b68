"""The average of three measures of coreference that the CoNLL-2012 shared task takes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from overrides import overrides
from torch import Tensor

from foldformer.models.metrics.coreference import clusters as measures
from foldformer.models.metrics.coreference.clusters import Cluster, Mention
from foldformer.models.metrics.metric import Metric
from foldformer.models.metrics.summed import SummedMetric, ratio


class Scorer(SummedMetric):
    """Precision, recall and F1 by one measure of coreference."""

    muc = staticmethod(measures.muc)
    b_cubed = staticmethod(measures.b_cubed)
    phi4 = staticmethod(measures.phi4)
    ceafe = staticmethod(measures.ceafe)

    def __init__(self, metric: Callable[..., Any]) -> None:
        """Build.

        Args:
            metric: `Scorer.muc`, `Scorer.b_cubed` or `Scorer.ceafe`.
        """
        super().__init__(4)
        self.metric = metric

    @overrides(check_signature=False)
    def __call__(
        self,
        predicted: Sequence[Cluster],
        gold: Sequence[Cluster],
        mention_to_predicted: Mapping[Mention, Cluster],
        mention_to_gold: Mapping[Mention, Cluster],
    ) -> None:
        """Add a document.

        Args:
            predicted: Predicted clusters.
            gold: True clusters.
            mention_to_predicted: The predicted cluster of each predicted mention.
            mention_to_gold: The true cluster of each true mention.
        """
        if self.metric is measures.ceafe:
            self._increase(*self.metric(predicted, gold))
        else:
            self._increase(*self.metric(predicted, mention_to_gold), *self.metric(gold, mention_to_predicted))

    update = __call__

    @overrides
    def _value(self, *sums: float) -> tuple[float, float, float]:
        precision, recall = ratio(*sums[:2]), ratio(*sums[2:])
        return precision, recall, ratio(2 * precision * recall, precision + recall)

    def get_precision(self) -> float:
        """Compute the precision."""
        return float(self.get_metric()[0])

    def get_recall(self) -> float:
        """Compute the recall."""
        return float(self.get_metric()[1])

    def get_f1(self) -> float:
        """Compute F1."""
        return float(self.get_metric()[2])

    def get_prf(self) -> tuple[float, float, float]:
        """Compute precision, recall and F1."""
        precision, recall, f1 = self.get_metric()
        return precision, recall, f1


@Metric.register("conll_coref_scores")
class ConllCorefScores(Metric):
    """Average precision, recall and F1 of MUC, B-cubed and CEAF-e; `get_metric` gives the three averages."""

    def __init__(self, allow_singletons: bool = False) -> None:
        """Build.

        Args:
            allow_singletons: Let a mention be its own antecedent, which makes a cluster of one.
        """
        self.allow_singletons = allow_singletons
        self.reset()

    @overrides(check_signature=False)
    def __call__(
        self,
        top_spans: Tensor,
        antecedent_indices: Tensor,
        predicted_antecedents: Tensor,
        metadata_list: Sequence[Mapping[str, Any]],
    ) -> None:
        """Add a batch.

        Args:
            top_spans: Spans that may be mentions, first and last word. (batch, spans, 2)
            antecedent_indices: For each span, the spans that may be its antecedents. (batch, spans, antecedents)
            predicted_antecedents: For each span, which of these it is; -1: none. (batch, spans)
            metadata_list: For each item the true clusters, as `clusters`.

        Raises:
            ValueError: An antecedent does not come before its span.
        """
        tensors = self.detach_tensors(top_spans, antecedent_indices, predicted_antecedents)
        for spans, indices, antecedents, metadata in zip(*(each.cpu() for each in tensors), metadata_list, strict=True):
            gold, mention_to_gold = self.get_gold_clusters(metadata["clusters"])
            predicted, mention_to_predicted = self.get_predicted_clusters(
                spans, indices, antecedents, self.allow_singletons
            )
            for scorer in self.scorers:
                scorer(predicted, gold, mention_to_predicted, mention_to_gold)

    @overrides
    def get_metric(self, reset: bool = False) -> tuple[float, float, float]:
        """Compute precision, recall and F1, fractions in [0, 1]."""
        by_measure = [scorer.get_prf() for scorer in self.scorers]
        precision, recall, f1 = (sum(column) / len(by_measure) for column in zip(*by_measure, strict=True))
        if reset:
            self.reset()
        return precision, recall, f1

    @overrides
    def reset(self) -> None:
        self.scorers = [Scorer(metric) for metric in (Scorer.muc, Scorer.b_cubed, Scorer.ceafe)]

    @staticmethod
    def get_gold_clusters(gold_clusters: Any) -> tuple[list[Cluster], dict[Mention, Cluster]]:
        """Take clusters of any sequences: the clusters, and the cluster of each mention."""
        clusters = [tuple((first, last) for first, last in cluster) for cluster in gold_clusters]
        return clusters, {mention: cluster for cluster in clusters for mention in cluster}

    @staticmethod
    def get_predicted_clusters(
        top_spans: Tensor, antecedent_indices: Tensor, predicted_antecedents: Tensor, allow_singletons: bool = False
    ) -> tuple[list[Cluster], dict[Mention, Cluster]]:
        """Follow antecedents.

        Args:
            top_spans: Spans that may be mentions. (spans, 2)
            antecedent_indices: Spans that may be the antecedents. (spans, antecedents)
            predicted_antecedents: Which of these it is; -1: none. (spans,)
            allow_singletons: Let a span be its own antecedent.

        Returns:
            The clusters, and the cluster of each mention.

        Raises:
            ValueError: An antecedent does not come before its span.
        """
        clusters: list[list[Mention]] = []
        place_of: dict[Mention, int] = {}
        mentions: list[Mention] = [(first, last) for first, last in top_spans.tolist()]
        for place, choice in enumerate(predicted_antecedents.tolist()):
            if choice < 0:
                continue
            antecedent = int(antecedent_indices[place, choice])
            if antecedent > place or (antecedent == place and not allow_singletons):
                raise ValueError(
                    f"conll_coref_scores: got antecedent {antecedent} for span {place}; expected one before it"
                )
            if mentions[antecedent] not in place_of:
                place_of[mentions[antecedent]] = len(clusters)
                clusters.append([mentions[antecedent]])
            place_of[mentions[place]] = place_of[mentions[antecedent]]
            clusters[place_of[mentions[place]]].append(mentions[place])
        whole = [tuple(cluster) for cluster in clusters]
        return whole, {mention: whole[number] for mention, number in place_of.items()}
