"""BERT's own pooling layer."""

from typing import Any

from overrides import overrides
from torch import Tensor, nn

from foldformer.config import ConfigurationError, Fraction
from foldformer.nn.seq2vec.seq2vec_encoder import Seq2VecEncoder
from foldformer.nn.time_distributed import TimeDistributed
from foldformer.text.pretrained import load_transformer


@Seq2VecEncoder.register("bert_pooler")
class BertPooler(Seq2VecEncoder):
    """Send the first vector through the pooling layer that a pretrained transformer brings: linear, then tanh."""

    def __init__(
        self,
        pretrained_model: str,
        *,
        override_weights_file: str | None = None,
        override_weights_strip_prefix: str | None = None,
        load_weights: bool = True,
        requires_grad: bool = True,
        dropout: Fraction = 0.0,
        transformer_kwargs: dict[str, Any] | None = None,
    ) -> None:
        """Load the pooling layer, and nothing else, of a transformer.

        Args:
            pretrained_model: Folder or name of a transformer with a pooling layer.
            override_weights_file: Weights to load in place of the model's own.
            override_weights_strip_prefix: Keep only the keys with this prefix, and cut it off.
            load_weights: False: random weights.
            requires_grad: Train the layer.
            dropout: Dropout on the result; fraction in [0, 1).
            transformer_kwargs: Handed on when the transformer is loaded.

        Raises:
            ConfigurationError: The transformer has no pooling layer, or cannot be loaded.
        """
        super().__init__()
        transformer = load_transformer(
            pretrained_model,
            load_weights=load_weights,
            override_weights_file=override_weights_file,
            override_weights_strip_prefix=override_weights_strip_prefix,
            **(transformer_kwargs or {}),
        )
        pooler = getattr(transformer, "pooler", None)
        if not isinstance(pooler, nn.Module):
            parts = ", ".join(name for name, _ in transformer.named_children())
            raise ConfigurationError(
                f'bert_pooler: "{pretrained_model}" ({type(transformer).__name__}) has no pooling layer, only {parts}; '
                'use "cls_pooler" or "mean"'
            )
        self.pooler = pooler.requires_grad_(requires_grad)
        self._dropout = nn.Dropout(dropout)
        self._embedding_dim: int = transformer.config.hidden_size

    @overrides
    def get_input_dim(self) -> int:
        return self._embedding_dim

    @overrides
    def get_output_dim(self) -> int:
        return self._embedding_dim

    @overrides
    def forward(self, tokens: Tensor, mask: Tensor | None = None, num_wrapping_dims: int = 0) -> Tensor:  # noqa: ARG002
        """Encode one batch.

        Args:
            tokens: Vectors. (batch, positions, dim), with the wrapping dimensions after the first
            mask: Not used, for the first vector counts whatever it is.
            num_wrapping_dims: Dimensions between batch and positions.

        Returns:
            (batch, dim), with the wrapping dimensions after the first
        """
        pooler: nn.Module = self.pooler
        for _ in range(num_wrapping_dims):
            pooler = TimeDistributed(pooler)
        pooled: Tensor = self._dropout(pooler(tokens))
        return pooled
