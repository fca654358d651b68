"""ELMo as a part of a model: one or several mixtures of its layers."""

import logging
import os
from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from foldformer.config import AtLeastOne, ConfigurationError, Fraction, FromParams
from foldformer.engine.scalar_mix import ScalarMix
from foldformer.nn.elmo import ElmoBiLm
from foldformer.nn.functions.sequences import remove_sentence_boundaries

logger = logging.getLogger(__name__)


class Elmo(nn.Module, FromParams):
    """Run a pretrained bidirectional language model once and mix its layers, each time with weights of its own.

    The model remembers the rows of a batch for the next one, see `ElmoLstm`.

    Source: Peters et al., Deep contextualized word representations, 2018, https://arxiv.org/abs/1802.05365.
    """

    def __init__(
        self,
        options_file: str | None,
        weight_file: str | None,
        num_output_representations: AtLeastOne,
        requires_grad: bool = False,
        do_layer_norm: bool = False,
        dropout: Fraction = 0.5,
        vocab_to_cache: list[str] | None = None,
        keep_sentence_boundaries: bool = False,
        scalar_mix_parameters: list[float] | None = None,
        module: nn.Module | None = None,
    ) -> None:
        """Build.

        Args:
            options_file: JSON file of options: path or URL.
            weight_file: HDF5 file of weights: path or URL; reading it takes h5py, which the extra `elmo` brings.
            num_output_representations: How many mixtures.
            requires_grad: Train the language model; the mixtures train anyway.
            do_layer_norm: Normalize each layer over the batch before it is mixed.
            dropout: Dropout on the mixtures; fraction in [0, 1].
            vocab_to_cache: Words whose vectors without context are computed once; the first one is padding. `forward`
                takes their numbers as `word_inputs`.
            keep_sentence_boundaries: Keep the vectors of the two ends of a sentence.
            scalar_mix_parameters: One number a layer, the words first, before the softmax; they are not trained.
            module: A language model to run in place of the files': it has `num_layers` and `get_output_dim`, and its
                `forward` returns `activations` and `mask` as that of `ElmoBiLm` does.

        Raises:
            ConfigurationError: There are both files and a module, or a file is missing or says what cannot be.
        """
        super().__init__()
        self._elmo_lstm = _language_model(options_file, weight_file, requires_grad, vocab_to_cache, module)
        self._has_cached_vocab = vocab_to_cache is not None
        self._keep_sentence_boundaries = keep_sentence_boundaries
        self._dropout = nn.Dropout(dropout)
        self._num_mixes = num_output_representations
        for number in range(num_output_representations):
            mix = ScalarMix(
                self._elmo_lstm.num_layers, do_layer_norm, scalar_mix_parameters, scalar_mix_parameters is None
            )
            self.add_module(f"scalar_mix_{number}", mix)

    def get_output_dim(self) -> int:
        """Width of a mixture."""
        width: int = self._elmo_lstm.get_output_dim()
        return width

    def forward(self, inputs: Tensor, word_inputs: Tensor | None = None) -> dict[str, Tensor | list[Tensor]]:
        """Embed sentences.

        Args:
            inputs: Ids of characters, int64; 0 pads. (batch, ..., words, 50)
            word_inputs: Numbers of cached words, int64; 0 pads. (batch, ..., words)

        Returns:
            `elmo_representations`, the mixtures, (batch, ..., words, dim) each; and `mask`, True where real.
            (batch, ..., words); with the ends of sentences there are two words more.

        Raises:
            ValueError: The ids are of another shape, or a character has no vector.
        """
        if word_inputs is not None and not self._has_cached_vocab:
            logger.warning("elmo: got word_inputs, but no vocab_to_cache; they are not used")
            word_inputs = None
        outside = inputs.shape[:-2]
        words = None if word_inputs is None else word_inputs.flatten(0, -2)
        found = self._elmo_lstm(inputs.flatten(0, -3), words)
        mixes = [getattr(self, f"scalar_mix_{number}") for number in range(self._num_mixes)]
        layers, mask = found["activations"], found["mask"]
        mixed = [self._without_ends(mix(layers, mask), mask) for mix in mixes]
        kept_mask = mixed[0][1]
        return {
            "elmo_representations": [
                self._dropout(vectors).reshape(*outside, *vectors.shape[1:]) for vectors, _ in mixed
            ],
            "mask": kept_mask.reshape(*outside, *kept_mask.shape[1:]),
        }

    def _without_ends(self, vectors: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        return (vectors, mask) if self._keep_sentence_boundaries else remove_sentence_boundaries(vectors, mask)


def _language_model(
    options_file: str | os.PathLike[str] | None,
    weight_file: str | os.PathLike[str] | None,
    requires_grad: bool,
    vocab_to_cache: Sequence[str] | None,
    module: nn.Module | None,
) -> Any:
    if module is not None and options_file is None and weight_file is None:
        return module
    if module is None and options_file is not None and weight_file is not None:
        return ElmoBiLm(options_file, weight_file, requires_grad=requires_grad, vocab_to_cache=vocab_to_cache)
    names = {"options_file": options_file, "weight_file": weight_file, "module": module}
    got = ", ".join(name for name, value in names.items() if value is not None) or "nothing"
    raise ConfigurationError(f"elmo: got {got}; expected options_file and weight_file, or module alone")
