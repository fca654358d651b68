"""A BERT that gives its last layer and nothing else, for converters that trace."""

import torch
from typing_extensions import override


class LastLayer(torch.nn.Module):
    """Take ids and a mask; all wordpieces are of the first sentence."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    @override
    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Return (rows, width, dim)."""
        types = torch.zeros_like(input_ids)
        return self.model(input_ids, attention_mask=attention_mask, token_type_ids=types).last_hidden_state
