"""What a model has of its own for one task."""

from foldformer.models.model import Model


class Head(Model):
    """A model whose `forward` takes outputs of the backbone by their names, besides fields of the batch."""
