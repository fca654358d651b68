"""What a model asks of the tensors of a text field: which tokens are real, and their ids."""

from collections.abc import Iterable, Mapping
from typing import Any

from torch import Tensor

TOKEN_ID_NAMES = ("tokens", "token_ids", "input_ids")


def get_text_field_mask(
    text_field_tensors: Mapping[str, Mapping[str, Tensor]], num_wrapping_dims: int = 0, padding_id: int = 0
) -> Tensor:
    """Tell the real tokens of a text field from padding.

    The `mask` that an indexer made counts. Where none made one, a token is real if its id, or any of its characters'
    ids, is not the padding id.

    Args:
        text_field_tensors: Tensors by indexer name, then by tensor name.
        num_wrapping_dims: Dimensions between batch and tokens, for text fields within list fields.
        padding_id: Id that padding has.

    Returns:
        True where real. (batch, tokens), with the wrapping dimensions after the first

    Raises:
        ValueError: Two indexers made a mask each, there is no tensor, or none of them has a fitting number of
            dimensions.
    """
    masks = {name: tensors["mask"] for name, tensors in text_field_tensors.items() if "mask" in tensors}
    if len(masks) > 1:
        raise ValueError(
            f"text field: got a mask from each of {', '.join(masks)}; expected one indexer that makes a mask"
        )
    if masks:
        return next(iter(masks.values())).bool()
    every = [tensor for tensors in text_field_tensors.values() for tensor in tensors.values()]
    if not every:
        raise ValueError("text field: got no tensor; expected those of at least one indexer")
    smallest = min(every, key=lambda tensor: tensor.dim())
    dims = smallest.dim() - num_wrapping_dims
    if dims == 2:
        return smallest != padding_id
    if dims == 3:
        return (smallest != padding_id).any(dim=-1)
    raise ValueError(
        f"text field: got a tensor of shape {tuple(smallest.shape)}; expected ids of tokens or of characters"
    )


def get_token_ids_from_text_field_tensors(text_field_tensors: Mapping[str, Mapping[str, Tensor]]) -> Tensor:
    """Find the ids of the tokens.

    Args:
        text_field_tensors: Tensors by indexer name, then by tensor name.

    Returns:
        The first tensor called "tokens", "token_ids" or "input_ids".

    Raises:
        ValueError: There is none.
    """
    for tensors in text_field_tensors.values():
        for name in TOKEN_ID_NAMES:
            if name in tensors:
                return tensors[name]
    found = [f"{indexer}.{name}" for indexer, tensors in text_field_tensors.items() for name in tensors]
    raise ValueError(f"text field: got tensors {', '.join(found)}; expected one called {' or '.join(TOKEN_ID_NAMES)}")


def get_token_offsets_from_text_field_inputs(text_field_inputs: Iterable[Any]) -> Tensor | None:
    """Find the `offsets` of words among wordpieces that a mismatched indexer made.

    Args:
        text_field_inputs: Arguments of an embedder, text fields among them.

    Returns:
        The first such tensor; None where there is none.
    """
    fields = (each for each in text_field_inputs if isinstance(each, Mapping))
    tensors = (each for field in fields for each in field.values() if isinstance(each, Mapping))
    return next((each["offsets"] for each in tensors if "offsets" in each), None)
