"""Put the vectors of flat rows, which arrive in any order, where they belong.

`gather_rows` and `scatter_rows` take the same chunks and the same index and give the same vectors. The first is for
autograd, which keeps every chunk anyway; the second holds nothing but the output and one chunk. `add_rows` is for
segments that share wordpieces, where several rows have one place.
"""

from collections.abc import Iterable

import torch
from torch import Tensor


def gather_rows(chunks: Iterable[tuple[Tensor, Tensor]], index: Tensor) -> Tensor:
    """Collect all vectors, then stitch with a single `index_select`, which gradients flow through.

    Args:
        chunks: Flat rows, (rows,), and their vectors, (rows, dim); each flat row once, at least one chunk.
        index: The flat row wanted at every place, int64; the number of flat rows where zeros are wanted. (...)

    Returns:
        Vectors. (..., dim)
    """
    rows, vectors = zip(*chunks, strict=True)
    order = torch.cat(rows)
    arrival = torch.empty(len(order) + 1, dtype=torch.int64, device=order.device)
    arrival[order] = torch.arange(len(order), device=order.device)
    arrival[-1] = len(order)
    stacked = torch.cat([*vectors, vectors[0].new_zeros(1, vectors[0].size(-1))])
    return stacked.index_select(0, arrival[index.flatten()]).view(*index.shape, -1)


def scatter_rows(chunks: Iterable[tuple[Tensor, Tensor]], index: Tensor, num_rows: int) -> Tensor:
    """Write each chunk into its places as it comes; no gradient flows.

    Args:
        chunks: Flat rows, (rows,), and their vectors, (rows, dim); each flat row once, at least one chunk.
        index: The flat row wanted at every place, int64, none wanted twice; `num_rows` where zeros are wanted. (...)
        num_rows: The number of flat rows.

    Returns:
        Vectors. (..., dim)
    """
    places = index.new_full((num_rows + 1,), -1)
    places[index.flatten()] = torch.arange(index.numel(), device=index.device)
    output: Tensor | None = None
    for rows, vectors in chunks:
        if output is None:
            output = torch.zeros(index.numel(), vectors.size(-1), dtype=vectors.dtype, device=vectors.device)
        where = places[rows]
        kept = where >= 0
        output[where[kept]] = vectors[kept]
    assert output is not None, "the caller handles a batch without segments"
    return output.view(*index.shape, -1)


def add_rows(chunks: Iterable[tuple[Tensor, Tensor]], places: Tensor, weights: Tensor, num_places: int) -> Tensor:
    """Add up the vectors of rows that share a place, with and without gradients.

    Args:
        chunks: Flat rows, (rows,), and their vectors, (rows, dim); each flat row once, at least one chunk.
        places: Where each flat row goes, int64; -1 for nowhere. (flat rows,)
        weights: How much it counts there. (flat rows,)
        num_places: How many places there are; zeros where no row goes.

    Returns:
        Vectors. (num_places, dim)
    """
    output: Tensor | None = None
    for rows, vectors in chunks:
        if output is None:
            output = torch.zeros(num_places, vectors.size(-1), dtype=vectors.dtype, device=vectors.device)
        where = places[rows]
        kept = where >= 0
        shares = weights[rows[kept]].to(vectors.dtype).unsqueeze(1)
        output.index_add_(0, where[kept], vectors[kept] * shares)
    assert output is not None, "the caller handles a batch without segments"
    return output
