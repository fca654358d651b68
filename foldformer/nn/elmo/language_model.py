"""Both halves of an ELMo: words from characters, and their context in both directions."""

import logging
import os
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from foldformer.nn.elmo.bidirectional import ElmoLstm
from foldformer.nn.elmo.character_encoder import ElmoCharacterEncoder
from foldformer.nn.elmo.characters import MAX_WORD_LENGTH, batch_to_ids
from foldformer.nn.elmo.options import ElmoOptions, read_options
from foldformer.nn.elmo.weights import character_shapes, check_weights, lstm_shapes
from foldformer.nn.functions.sequences import get_mask_from_sequence_lengths
from foldformer.text.pretrained_copies import weights_follow

logger = logging.getLogger(__name__)

_WORDS_AT_ONCE = 1024


class ElmoBiLm(nn.Module):
    """Give every layer of a pretrained bidirectional language model.

    Args:
        options_file: JSON file of options: path or URL.
        weight_file: HDF5 file of weights: path or URL. Not read inside an archive, which has the weights itself.
        requires_grad: Train the weights.
        vocab_to_cache: Words whose vectors without context are computed once; the first one is padding.

    Raises:
        ConfigurationError: A file is not there, or says what cannot be.
    """

    def __init__(
        self,
        options_file: str | os.PathLike[str],
        weight_file: str | os.PathLike[str],
        requires_grad: bool = False,
        vocab_to_cache: Sequence[str] | None = None,
    ) -> None:
        super().__init__()
        options = read_options(options_file)
        sizes = (options.projection_dim, options.projection_dim, options.cell_dim, options.num_layers)
        if not weights_follow():
            check_weights(weight_file, character_shapes(options) | lstm_shapes(*sizes))
        self._requires_grad = requires_grad
        self._token_embedder = ElmoCharacterEncoder(options_file, weight_file, requires_grad=requires_grad)
        self._elmo_lstm = _lstm(options, requires_grad)
        if not weights_follow():
            self._elmo_lstm.load_weights(weight_file)
        self.num_layers = options.num_layers + 1
        self._word_embedding: nn.Embedding | None = None
        if vocab_to_cache:
            if requires_grad:
                logger.warning("vocab_to_cache: cached vectors of words train apart from the characters they come from")
            self.create_cached_cnn_embeddings(vocab_to_cache)

    def get_output_dim(self) -> int:
        """Width of a layer."""
        return 2 * self._token_embedder.get_output_dim()

    def forward(self, inputs: Tensor, word_inputs: Tensor | None = None) -> dict[str, Tensor | list[Tensor]]:
        """Run over sentences.

        Args:
            inputs: Ids of characters, int64; 0 pads. (batch, words, 50)
            word_inputs: Numbers of cached words, int64; 0 pads. Where one is not cached, all come from their
                characters. (batch, words)

        Returns:
            `activations`: the words twice side by side, then each layer, zero where padded,
            (batch, words + 2, 2 * dim) each; and `mask`, True where real. (batch, words + 2)
        """
        words, mask = self._words(inputs, word_inputs)
        layers = self._elmo_lstm(words, mask)
        return {"activations": [torch.cat([words, words], dim=-1) * mask.unsqueeze(-1), *layers], "mask": mask}

    def _words(self, inputs: Tensor, word_inputs: Tensor | None) -> tuple[Tensor, Tensor]:
        """Vectors without context, ends of sentences included, and their mask."""
        cached = self._word_embedding
        if cached is None or word_inputs is None or not _are_ids(word_inputs, cached.num_embeddings):
            encoded = self._token_embedder(inputs)
            return encoded["token_embedding"], encoded["mask"]
        lengths = (word_inputs > 0).sum(dim=1)
        begin, end = self._token_embedder(inputs.new_zeros(1, 0, MAX_WORD_LENGTH))["token_embedding"][0]
        words = nn.functional.pad(cached(word_inputs), (0, 0, 1, 1))
        rows = torch.arange(len(words), device=words.device)
        words = words.index_put((rows, torch.zeros_like(rows)), begin).index_put((rows, lengths + 1), end)
        return words, get_mask_from_sequence_lengths(lengths + 2, words.size(1))

    @torch.no_grad()
    def create_cached_cnn_embeddings(self, tokens: Sequence[str]) -> None:
        """Compute the vectors of words once; `forward` then looks them up by their numbers in `tokens`.

        Args:
            tokens: The words; the first one is padding.
        """
        vectors = torch.zeros(len(tokens), self._token_embedder.get_output_dim())
        if not weights_follow():
            device = next(self.parameters()).device
            for at in range(0, len(tokens), _WORDS_AT_ONCE):
                ids = batch_to_ids([[token] for token in tokens[at : at + _WORDS_AT_ONCE]]).to(device)
                vectors[at : at + len(ids)] = self._token_embedder(ids)["token_embedding"][:, 1].cpu()
            vectors = vectors.to(device)
        vectors[0] = 0.0
        self._word_embedding = nn.Embedding(len(tokens), vectors.size(1), padding_idx=0, _weight=vectors)
        self._word_embedding.requires_grad_(self._requires_grad)


def _lstm(options: ElmoOptions, requires_grad: bool) -> ElmoLstm:
    lstm = ElmoLstm(
        options.projection_dim,
        options.projection_dim,
        options.cell_dim,
        options.num_layers,
        requires_grad=requires_grad,
        memory_cell_clip_value=options.cell_clip,
        state_projection_clip_value=options.projection_clip,
    )
    lstm.requires_grad_(requires_grad)
    return lstm


def _are_ids(ids: Tensor, count: int) -> bool:
    return ids.numel() == 0 or (int(ids.min()) >= 0 and int(ids.max()) < count)
