"""Lengths, order and ends of padded sequences."""

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence


def get_lengths_from_binary_sequence_mask(mask: Tensor) -> Tensor:
    """Count the real positions of each sequence.

    Args:
        mask: True where real. (batch, positions)

    Returns:
        int64 (batch,)
    """
    return mask.sum(dim=-1)


def get_mask_from_sequence_lengths(sequence_lengths: Tensor, max_length: int) -> Tensor:
    """Mark the first positions of each sequence as real.

    Args:
        sequence_lengths: (batch,)
        max_length: Positions of a sequence.

    Returns:
        True where real. (batch, positions)
    """
    return torch.arange(max_length, device=sequence_lengths.device) < sequence_lengths.unsqueeze(-1)


def sort_batch_by_length(tensor: Tensor, sequence_lengths: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Sort sequences, the longest first.

    Args:
        tensor: (batch, ...)
        sequence_lengths: (batch,)

    Returns:
        The sorted tensor and lengths, the indices that restore the old order, and those that made the new one.
    """
    lengths, order = sequence_lengths.sort(0, descending=True)
    return tensor.index_select(0, order), lengths, order.argsort(), order


def get_final_encoder_states(encoder_outputs: Tensor, mask: Tensor, bidirectional: bool = False) -> Tensor:
    """Take the vector at the last real position; of a bidirectional encoder its backward half at the first one.

    Args:
        encoder_outputs: (batch, positions, dim)
        mask: True where real, from the first position on. (batch, positions)
        bidirectional: Whether the second half of a vector comes from the back.

    Returns:
        (batch, dim)
    """
    last = (mask.sum(dim=1) - 1).view(-1, 1, 1).expand(-1, 1, encoder_outputs.size(-1))
    final = encoder_outputs.gather(1, last).squeeze(1)
    if not bidirectional:
        return final
    half = encoder_outputs.size(-1) // 2
    return torch.cat([final[:, :half], encoder_outputs[:, 0, half:]], dim=-1)


def masked_flip(padded_sequence: Tensor, sequence_lengths: list[int]) -> Tensor:
    """Turn the real part of each sequence round; padding becomes zeros.

    Args:
        padded_sequence: (batch, positions, dim)
        sequence_lengths: Real positions of each.

    Returns:
        (batch, longest length, dim)
    """
    real = [row[:length].flip(0) for row, length in zip(padded_sequence, sequence_lengths, strict=True)]
    return pad_sequence(real, batch_first=True)


def add_sentence_boundary_token_ids(
    tensor: Tensor, mask: Tensor, sentence_begin_token: Any, sentence_end_token: Any
) -> tuple[Tensor, Tensor]:
    """Put a token before and after each sequence.

    Args:
        tensor: Ids (batch, positions), or vectors. (batch, positions, dim)
        mask: True where real. (batch, positions)
        sentence_begin_token: An id, or a vector. (dim,)
        sentence_end_token: The same for the end.

    Returns:
        (batch, positions + 2) or (batch, positions + 2, dim), and its mask, which is True where something is above 0.

    Raises:
        ValueError: The tensor has another number of dimensions.
    """
    if tensor.dim() not in (2, 3):
        raise ValueError(f"tensor: got shape {tuple(tensor.shape)}; expected (batch, positions) or one more dimension")
    longer = tensor.new_zeros(tensor.size(0), tensor.size(1) + 2, *tensor.shape[2:])
    longer[:, 1:-1] = tensor
    longer[:, 0] = _like(sentence_begin_token, tensor)
    rows = torch.arange(len(tensor), device=tensor.device)
    longer[rows, mask.sum(dim=1) + 1] = _like(sentence_end_token, tensor)
    return longer, (longer > 0).any(dim=-1) if tensor.dim() == 3 else longer != 0


def remove_sentence_boundaries(tensor: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Take the first and the last real vector off each sequence.

    Args:
        tensor: (batch, positions, dim)
        mask: True where real, from the first position on. (batch, positions)

    Returns:
        (batch, positions - 2, dim), zero where padded, and its mask. (batch, positions - 2)
    """
    kept = get_mask_from_sequence_lengths(mask.sum(dim=1) - 2, tensor.size(1) - 2)
    return tensor[:, 1:-1].masked_fill(~kept.unsqueeze(-1), 0.0), kept


def add_positional_features(tensor: Tensor, min_timescale: float = 1.0, max_timescale: float = 1.0e4) -> Tensor:
    """Add sines and cosines of the position.

    Args:
        tensor: (batch, positions, dim)
        min_timescale: Wavelength of the first feature, over 2 pi.
        max_timescale: Wavelength of the last one.

    Returns:
        (batch, positions, dim)

    Source: Vaswani et al., Attention is all you need, 2017, 3.5; first all sines, then all cosines.
    """
    _, positions, dim = tensor.shape
    num_scales = dim // 2
    step = math.log(max_timescale / min_timescale) / max(num_scales - 1, 1)
    rates = min_timescale * torch.exp(-step * torch.arange(num_scales, device=tensor.device, dtype=torch.float))
    angles = torch.arange(positions, device=tensor.device, dtype=torch.float).unsqueeze(1) * rates
    features = torch.cat([angles.sin(), angles.cos()], dim=1)
    return tensor + torch.nn.functional.pad(features, (0, dim % 2))


def get_dropout_mask(dropout_probability: float, tensor_for_masking: Tensor) -> Tensor:
    """Draw a mask for dropout: 0, or the factor that keeps the mean.

    Args:
        dropout_probability: Fraction in [0, 1).
        tensor_for_masking: Has the shape.

    Returns:
        float, in the shape of `tensor_for_masking`.
    """
    is_kept = torch.rand(tensor_for_masking.shape).to(tensor_for_masking.device) > dropout_probability
    return is_kept.float() / (1.0 - dropout_probability)


def _like(token: Any, tensor: Tensor) -> Any:
    return token.detach().to(tensor) if isinstance(token, Tensor) else token
