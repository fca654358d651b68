"""How surprised a language model is."""

import math

from overrides import overrides

from foldformer.models.metrics.average import Average
from foldformer.models.metrics.metric import Metric


@Metric.register("perplexity")
class Perplexity(Average):
    """Raise e to the average of the batches' losses (negative log likelihoods); 0 where that average is 0."""

    @overrides
    def get_metric(self, reset: bool = False) -> float:
        """Compute the perplexity; 0 before the first batch."""
        loss = super().get_metric(reset)
        return math.exp(loss) if loss else 0.0
