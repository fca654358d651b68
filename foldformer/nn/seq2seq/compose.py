"""Several encoders, one after the other."""

from itertools import pairwise

from overrides import overrides
from torch import Tensor

from foldformer.config import ConfigurationError
from foldformer.nn.seq2seq.seq2seq_encoder import Seq2SeqEncoder


@Seq2SeqEncoder.register("compose")
class ComposeEncoder(Seq2SeqEncoder):
    """Hand each encoder what the one before it gave. State-dict keys are `encoderN.*`."""

    def __init__(self, encoders: list[Seq2SeqEncoder]) -> None:
        """Build.

        Args:
            encoders: At least one, in order.

        Raises:
            ConfigurationError: There is none, the width that one gives is not what the next one takes, or only some
                read in both directions.
        """
        super().__init__()
        _check_chain(encoders)
        self.encoders = encoders
        for place, encoder in enumerate(encoders):
            self.add_module(f"encoder{place}", encoder)
        self.bidirectional = encoders[0].is_bidirectional()

    @overrides
    def get_input_dim(self) -> int:
        return self.encoders[0].get_input_dim()

    @overrides
    def get_output_dim(self) -> int:
        return self.encoders[-1].get_output_dim()

    @overrides
    def is_bidirectional(self) -> bool:
        return self.bidirectional

    @overrides
    def forward(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        for place in range(len(self.encoders)):
            inputs = self.get_submodule(f"encoder{place}")(inputs, mask)
        return inputs


def _check_chain(encoders: list[Seq2SeqEncoder]) -> None:
    if not encoders:
        raise ConfigurationError("encoders: got []; expected at least one")
    for place, (before, after) in enumerate(pairwise(encoders), start=1):
        if before.get_output_dim() != after.get_input_dim():
            raise ConfigurationError(
                f"encoders.{place}: takes vectors of {after.get_input_dim()}; expected {before.get_output_dim()}, "
                f"the width that encoders.{place - 1} gives"
            )
    if len({encoder.is_bidirectional() for encoder in encoders}) > 1:
        ways = ", ".join("both" if encoder.is_bidirectional() else "one" for encoder in encoders)
        raise ConfigurationError(f"encoders: read in directions {ways}; expected all in one, or all in both")
