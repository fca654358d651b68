"""Compare clusters of mentions: MUC, B-cubed and CEAF-e."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from foldformer.config.optional import import_optional

Mention = tuple[int, int]
"""First and last word, last included."""
Cluster = tuple[Mention, ...]


def muc(clusters: Sequence[Cluster], mention_to_gold: Mapping[Mention, Cluster]) -> tuple[float, float]:
    """Count links: how many of the clusters' links other clusters have too, and how many links there are.

    Source: Vilain et al., A model-theoretic coreference scoring scheme, 1995.
    """
    num_right = num_links = 0
    for cluster in clusters:
        known = [mention_to_gold[mention] for mention in cluster if mention in mention_to_gold]
        num_links += len(cluster) - 1
        num_right += len(known) - len(set(known))
    return num_right, num_links


def b_cubed(clusters: Sequence[Cluster], mention_to_gold: Mapping[Mention, Cluster]) -> tuple[float, float]:
    """Sum, over mentions, the share of their cluster that is rightly with them; and count the mentions.

    Clusters of one mention do not count. Source: Bagga and Baldwin, Algorithms for scoring coreference chains, 1998.
    """
    share = 0.0
    num_mentions = 0
    for cluster in clusters:
        if len(cluster) == 1:
            continue
        together = Counter(mention_to_gold[mention] for mention in cluster if mention in mention_to_gold)
        share += sum(count * count for gold, count in together.items() if len(gold) != 1) / len(cluster)
        num_mentions += len(cluster)
    return share, num_mentions


def phi4(gold_clustering: Collection[Mention], predicted_clustering: Collection[Mention]) -> float:
    """Measure how alike two clusters are: the F1 of their mentions."""
    num_common = sum(mention in predicted_clustering for mention in gold_clustering)
    return 2 * num_common / (len(gold_clustering) + len(predicted_clustering))


def ceafe(clusters: Sequence[Cluster], gold_clusters: Sequence[Cluster]) -> tuple[float, float, float, float]:
    """Align clusters with gold ones, so that they are most alike.

    Predicted clusters of one mention do not count. Source: Luo, On coreference resolution performance metrics, 2005.

    Returns:
        Likeness and number of clusters, then likeness and number of gold clusters.

    Raises:
        MissingPackageError: scipy is not installed.
    """
    optimize = import_optional("scipy.optimize", extra="train")
    kept = [cluster for cluster in clusters if len(cluster) != 1]
    likeness = np.zeros((len(gold_clusters), len(kept)))
    for row, gold in enumerate(gold_clusters):
        likeness[row] = [phi4(gold, cluster) for cluster in kept]
    total = float(likeness[optimize.linear_sum_assignment(likeness, maximize=True)].sum())
    return total, len(kept), total, len(gold_clusters)
