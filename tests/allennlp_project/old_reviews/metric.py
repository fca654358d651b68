from typing import Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.training.metrics.metric import Metric
from overrides import overrides


@Metric.register("worst-recall")
class WorstRecall(Metric):
    """The recall of the class that is found worst."""

    def __init__(self, num_classes: int) -> None:
        if num_classes < 2:
            raise ConfigurationError("one class alone is always found")
        self._found = torch.zeros(num_classes)
        self._total = torch.zeros(num_classes)

    def __call__(self, predictions: torch.Tensor, gold_labels: torch.Tensor, mask: Optional[torch.BoolTensor] = None):
        predictions, gold_labels = self.detach_tensors(predictions, gold_labels)
        for guess, gold in zip(predictions.argmax(-1).tolist(), gold_labels.tolist()):
            self._found[gold] += guess == gold
            self._total[gold] += 1

    @overrides
    def get_metric(self, reset: bool = False):
        seen = self._total > 0
        recall = (self._found[seen] / self._total[seen]).min().item() if seen.any() else 0.0
        if reset:
            self.reset()
        return recall

    @overrides
    def reset(self):
        self._found.zero_()
        self._total.zero_()
