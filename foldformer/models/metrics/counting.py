"""The one door to torchmetrics, which is imported when the first batch is counted."""

from collections import Counter
from typing import TYPE_CHECKING, Any

from torch import Tensor, distributed

from foldformer.config.optional import import_optional

if TYPE_CHECKING:
    from foldformer.models.metrics.tally import Tally


def several_processes() -> bool:
    """Whether other processes add batches too."""
    return distributed.is_available() and distributed.is_initialized()


def over_all_processes(counts: Counter[str]) -> Counter[str]:
    """Add up counts by name; all processes must call it."""
    if not several_processes():
        return counts
    gathered: list[Any] = [None] * distributed.get_world_size()
    distributed.all_gather_object(gathered, counts)
    return sum(gathered, Counter())


def new_tally(size: int) -> "Tally":
    """Make sums over batches and processes.

    Args:
        size: How many numbers.

    Raises:
        MissingPackageError: torchmetrics is not installed.
    """
    import_optional("torchmetrics", extra="train")
    from foldformer.models.metrics.tally import Tally

    return Tally(size)


def stat_scores(predictions: Tensor, gold_labels: Tensor, num_classes: int, top_k: int = 1) -> Tensor:
    """Count, for each class, what was predicted rightly and wrongly.

    Args:
        predictions: Classes (items,), or for `top_k` above 1 scores. (items, classes)
        gold_labels: True classes. (items,)
        num_classes: How many classes.
        top_k: How many of the best scores count as predicted.

    Returns:
        True positives, false positives, true negatives, false negatives and support, int64. (classes, 5)

    Raises:
        MissingPackageError: torchmetrics is not installed.
    """
    import_optional("torchmetrics", extra="train")
    from torchmetrics.functional.classification import multiclass_stat_scores

    if not len(gold_labels):  # torchmetrics cannot reshape nothing
        return gold_labels.new_zeros(num_classes, 5)
    return multiclass_stat_scores(
        predictions, gold_labels, num_classes=num_classes, top_k=top_k, average="none", validate_args=False
    )
