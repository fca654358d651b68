"""Every span of a sentence that a model may look at."""

from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def enumerate_spans(
    sentence: Sequence[Item],
    offset: int = 0,
    max_span_width: int | None = None,
    min_span_width: int = 1,
    filter_function: Callable[[Sequence[Item]], bool] | None = None,
) -> list[tuple[int, int]]:
    """List the spans of a sentence, by their first and last item, last included.

    Args:
        sentence: Words or tokens.
        offset: Where the sentence begins in its document; added to both ends.
        max_span_width: The longest span; None: the whole sentence.
        min_span_width: The shortest.
        filter_function: Tells from a span's items whether it is wanted.
    """
    longest = max_span_width or len(sentence)
    return [
        (offset + first, offset + last)
        for first in range(len(sentence))
        for last in range(first + min_span_width - 1, min(first + longest, len(sentence)))
        if filter_function is None or filter_function(sentence[first : last + 1])
    ]
