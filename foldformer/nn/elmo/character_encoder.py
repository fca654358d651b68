"""The lower half of an ELMo: a vector for each word from its characters alone."""

import os

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding

from foldformer.nn.elmo.characters import MAX_WORD_LENGTH, ELMoCharacterMapper
from foldformer.nn.elmo.options import ElmoOptions, read_options
from foldformer.nn.elmo.weights import character_shapes, put, read_weights
from foldformer.nn.functions.sequences import add_sentence_boundary_token_ids
from foldformer.nn.layers import Highway
from foldformer.text.pretrained_copies import weights_follow

_ACTIVATIONS = {"relu": torch.relu, "tanh": torch.tanh}


class ElmoCharacterEncoder(nn.Module):
    """Convolutions over a word's characters, each reduced to its maximum; highway layers; a projection.

    Every sentence gets a word before it and one after it, which mark its ends.

    Source: Kim et al., Character-aware neural language models, 2016.

    Args:
        options_file: JSON file of options: path or URL.
        weight_file: HDF5 file of weights: path or URL. Not read inside an archive, which has the weights itself.
        requires_grad: Train the weights.

    Raises:
        ConfigurationError: A file is not there, or says what cannot be.
    """

    def __init__(
        self, options_file: str | os.PathLike[str], weight_file: str | os.PathLike[str], requires_grad: bool = False
    ) -> None:
        super().__init__()
        options = read_options(options_file)
        shapes = character_shapes(options)
        stored = None if weights_follow() else read_weights(weight_file, shapes)
        self.output_dim = options.projection_dim
        self.requires_grad = requires_grad
        self._activation = _ACTIVATIONS[options.activation]
        self._num_convolutions = len(options.filters)
        self._char_embedding_weights = nn.Parameter(torch.zeros(options.num_characters, options.character_dim))
        for number, (width, count) in enumerate(options.filters):
            self.add_module(f"char_conv_{number}", nn.Conv1d(options.character_dim, count, width))
        self._highways = Highway(options.num_filters, options.num_highways)
        self._projection = nn.Linear(options.num_filters, options.projection_dim)
        self._ends = [
            torch.tensor(characters) + 1
            for characters in (
                ELMoCharacterMapper.beginning_of_sentence_characters,
                ELMoCharacterMapper.end_of_sentence_characters,
            )
        ]
        if stored is not None:
            put(_in_torch(stored, options), self)
        self.requires_grad_(requires_grad)

    def get_output_dim(self) -> int:
        """Width of a word's vector."""
        return self.output_dim

    def forward(self, inputs: Tensor) -> dict[str, Tensor]:
        """Encode words.

        Args:
            inputs: Ids of characters, int64; 0 pads. (batch, words, 50)

        Returns:
            `token_embedding`, (batch, words + 2, dim), and `mask`, True where real. (batch, words + 2)

        Raises:
            ValueError: The ids are of another shape, or one has no vector.
        """
        if inputs.dim() != 3 or inputs.size(-1) != MAX_WORD_LENGTH:
            raise ValueError(
                f"elmo: got ids of shape {tuple(inputs.shape)}; expected (batch, words, {MAX_WORD_LENGTH})"
            )
        mask = (inputs > 0).any(dim=-1)
        ids, mask = add_sentence_boundary_token_ids(inputs, mask, *self._ends)
        # Words come again and again in a batch, and padding more than any word.
        different, places = torch.unique(ids.flatten(0, 1), dim=0, return_inverse=True)
        words = self._encode(different)[places]
        return {"mask": mask, "token_embedding": words.view(*ids.shape[:2], self.output_dim)}

    def _encode(self, ids: Tensor) -> Tensor:
        """Encode words. (words, 50) to (words, dim)"""
        try:
            characters = embedding(ids, self._char_embedding_weights).transpose(1, 2)
        except IndexError as error:
            most = len(self._char_embedding_weights) - 1
            raise ValueError(
                f"elmo: got ids of characters from {int(ids.min())} to {int(ids.max())}; expected 0 to {most}"
            ) from error
        found = [self._convolution(number, characters) for number in range(self._num_convolutions)]
        vectors: Tensor = self._projection(self._highways(torch.cat(found, dim=-1)))
        return vectors

    def _convolution(self, number: int, characters: Tensor) -> Tensor:
        """Run a convolution over words. (words, character_dim, 50) to (words, filters)"""
        convolution: nn.Conv1d = getattr(self, f"char_conv_{number}")
        return self._activation(convolution(characters).max(dim=-1).values)


def _in_torch(stored: dict[str, Tensor], options: ElmoOptions) -> dict[str, Tensor]:
    """Name the weights as the module does, and turn them as torch has them."""
    parameters = {
        "_char_embedding_weights": nn.functional.pad(stored["char_embed"], (0, 0, 1, 0)),
        "_projection.weight": stored["CNN_proj/W_proj"].t(),
        "_projection.bias": stored["CNN_proj/b_proj"],
    }
    for number in range(len(options.filters)):
        parameters[f"char_conv_{number}.weight"] = stored[f"CNN/W_cnn_{number}"].squeeze(0).permute(2, 1, 0)
        parameters[f"char_conv_{number}.bias"] = stored[f"CNN/b_cnn_{number}"]
    for number in range(options.num_highways):
        name = f"CNN_high_{number}"
        # Their gate lets the projection pass and ours the input: sigmoid(-x) = 1 - sigmoid(x).
        weights, biases = ([stored[f"{name}/{kind}_transform"], -stored[f"{name}/{kind}_carry"]] for kind in "Wb")
        parameters[f"_highways._layers.{number}.weight"] = torch.cat([each.t() for each in weights])
        parameters[f"_highways._layers.{number}.bias"] = torch.cat(biases)
    return parameters
