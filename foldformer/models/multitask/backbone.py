"""What all tasks of a model share."""

from typing import Any

from torch import nn

from foldformer.config import Registrable


class Backbone(nn.Module, Registrable):
    """Encodes the inputs of a batch; the heads take what they need of its outputs and of the inputs.

    Implement `forward`, which takes fields by their names and gives a dictionary.
    """

    def make_output_human_readable(self, output_dict: dict[str, Any]) -> dict[str, Any]:
        """Add what a person can read.

        Args:
            output_dict: What `forward` gave.

        Returns:
            The same with more, or other, entries.
        """
        return output_dict
