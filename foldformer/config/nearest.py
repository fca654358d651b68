"""Find the name that somebody meant, and show values in errors."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence

LONGEST_VALUE = 60  # characters of a value that an error shows
MOST_NAMES = 12  # names that an error lists before it says how many more there are


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The entry of `names` that is most like `name`, or None where nothing is like it.

    Case, dashes and underscores do not count as differences: `Bag-Of-Embeddings` finds `bag_of_embeddings`.
    """
    plain = {_plain(candidate): candidate for candidate in reversed(list(names))}
    found = difflib.get_close_matches(_plain(name), list(plain), n=1, cutoff=0.6)
    return plain[found[0]] if found else None


def did_you_mean(name: object, names: Iterable[str]) -> str:
    """`; did you mean "x"?` where something is near, otherwise nothing."""
    match = nearest(name, names) if isinstance(name, str) else None
    return f"; did you mean {show(match)}?" if match is not None else ""


def show(value: object) -> str:
    """A value as its file would spell it, cut to a readable length."""
    if isinstance(value, Mapping):
        return _cut("{" + ", ".join(str(key) for key in value) + "}") if value else "{}"
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}" if value else "[]"
    if value is None or isinstance(value, (str, bool, int, float)):
        return _cut(json.dumps(value, ensure_ascii=False)) if not isinstance(value, int) else _whole(value)
    return _cut(repr(value))


def one_of(names: Sequence[str], conjunction: str = "or") -> str:
    """Quoted names as a phrase: `"a", "b" or "c"`; a long list is cut and counted."""
    shown = [show(name) for name in names[:MOST_NAMES]]
    if len(names) > MOST_NAMES:
        return f"{', '.join(shown)} (and {len(names) - MOST_NAMES} more)"
    return join(shown, conjunction)


def an(name: str) -> str:
    """A name with its article."""
    return f"{'an' if name[:1] in 'AEIOUaeiou' else 'a'} {name}"


def join(parts: Sequence[str], conjunction: str = "or") -> str:
    """Phrases as one: `a, b or c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {conjunction} {parts[-1]}"


def _plain(name: str) -> str:
    return name.lower().replace("-", "_")


def _whole(value: int) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    # Python refuses to print integers of thousands of digits.
    return str(value) if value.bit_length() < 200 else f"an integer of {value.bit_length()} bits"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 3] + "..."
