"""Which special tokens a tokenizer puts around a text, found by trying.

    BERT     [CLS] a [SEP]        [CLS] a [SEP] b [SEP]
    T5       a </s>               a </s> b </s>
    GPT-2    a                    a b
    XLNet    a <sep> <cls>        a <sep> b <sep> <cls>
    Llama    <s> a                <s> a <s> b

Nothing here knows a model by name: two probes are encoded with special tokens, and what surrounds them is the template.
Where a vocabulary does not know our probes (proteins, other scripts), they are taken from the vocabulary itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any
from weakref import WeakKeyDictionary

from transformers import PreTrainedTokenizerBase

from foldformer.config import ConfigurationError
from foldformer.text.private_backend import private_backend

_PROBES = (("a", "b"), ("1", "2"), ("the", "of"))
"""Tried in this order; each pair must cut into different wordpieces that are not special tokens themselves."""
_MOST_IDS_TRIED = 5000
"""Of a vocabulary that knows none of them."""


@dataclass(frozen=True, slots=True)
class SpecialToken:
    """One token that a tokenizer adds."""

    text: str
    id: int
    type_id: int


@dataclass(frozen=True, slots=True)
class SpecialTokens:
    """Special tokens and type ids for one sequence and for a pair."""

    single_start: tuple[SpecialToken, ...]
    single_end: tuple[SpecialToken, ...]
    single_type_id: int
    pair_start: tuple[SpecialToken, ...]
    pair_mid: tuple[SpecialToken, ...]
    pair_end: tuple[SpecialToken, ...]
    pair_first_type_id: int
    pair_second_type_id: int

    @property
    def num_single(self) -> int:
        """Number of special tokens around one sequence."""
        return len(self.single_start) + len(self.single_end)

    @property
    def num_pair(self) -> int:
        """Number of special tokens around a pair."""
        return len(self.pair_start) + len(self.pair_mid) + len(self.pair_end)

    @property
    def num_types(self) -> int:
        """Number of sentence types that the tokenizer gives, counted from 0."""
        tokens = (*self.single_start, *self.single_end, *self.pair_start, *self.pair_mid, *self.pair_end)
        own = (self.single_type_id, self.pair_first_type_id, self.pair_second_type_id)
        return 1 + max(*own, *(token.type_id for token in tokens))

    def without_types(self) -> "SpecialTokens":
        """Return the same with type 0 everywhere, for a transformer that knows no types."""
        parts = ("single_start", "single_end", "pair_start", "pair_mid", "pair_end")
        plain = {part: tuple(replace(token, type_id=0) for token in getattr(self, part)) for part in parts}
        return SpecialTokens(**plain, single_type_id=0, pair_first_type_id=0, pair_second_type_id=0)


class _UnfitProbeError(ValueError):
    """These two probes do not show where the special tokens are; others may."""


_KNOWN: WeakKeyDictionary[PreTrainedTokenizerBase, dict[tuple[str, str] | None, SpecialTokens]] = WeakKeyDictionary()


def find_special_tokens(
    tokenizer: PreTrainedTokenizerBase, verification_tokens: tuple[str, str] | None = None
) -> SpecialTokens:
    """Find what a tokenizer adds to one sequence and to a pair; each tokenizer is asked once.

    Args:
        tokenizer: Any tokenizer of transformers.
        verification_tokens: Two texts to try instead of ours, where these do not work and none of the vocabulary's do.

    Raises:
        ValueError: The probes do not come back as different wordpieces, each exactly once.
    """
    if verification_tokens is not None:
        verification_tokens = (verification_tokens[0], verification_tokens[1])  # a file gives a list
    known = _KNOWN.setdefault(tokenizer, {})
    if verification_tokens not in known:
        known[verification_tokens] = _probe_until_found(tokenizer, verification_tokens)
    return known[verification_tokens]


def check_max_length(max_length: int | None, num_special_tokens: int) -> None:
    """Refuse a length that leaves no room for a wordpiece.

    Raises:
        ConfigurationError: `max_length` is not above `num_special_tokens`.
    """
    if max_length is not None and max_length <= num_special_tokens:
        raise ConfigurationError(
            f"max_length: got {max_length}; expected more than the {num_special_tokens} special tokens that this "
            "tokenizer adds to every segment"
        )


def call_tokenizer(
    tokenizer: PreTrainedTokenizerBase, *texts: str | list[str], return_token_type_ids: bool = False, **options: Any
) -> dict[str, Any]:
    """Call a tokenizer for its ids; long texts are our trade, so nothing is said about their length."""
    return dict(
        tokenizer(
            *texts,
            return_attention_mask=False,
            return_token_type_ids=return_token_type_ids,
            verbose=False,
            **options,
        )
    )


def _probe_until_found(
    tokenizer: PreTrainedTokenizerBase, verification_tokens: tuple[str, str] | None
) -> SpecialTokens:
    reasons = []
    probes = chain(_PROBES, _own_probes(tokenizer)) if verification_tokens is None else (verification_tokens,)
    for first, second in probes:
        try:
            return _probe(tokenizer, first, second)
        except _UnfitProbeError as reason:
            reasons.append(f"({first!r}, {second!r}): {reason}")
    raise ValueError(
        f"verification_tokens: got {' and '.join(reasons)}; expected two texts that {type(tokenizer).__name__} "
        "cuts into different wordpieces; pass another pair as verification_tokens"
    )


def _own_probes(tokenizer: PreTrainedTokenizerBase) -> Iterator[tuple[str, str]]:
    """Yield one pair of texts of the vocabulary's own that come back as the wordpiece they are, where there are two."""
    special = set(tokenizer.all_special_ids)
    own = []
    by_id = sorted((token_id, wordpiece) for wordpiece, token_id in tokenizer.get_vocab().items())
    for token_id, wordpiece in by_id[:_MOST_IDS_TRIED]:
        if token_id in special:
            continue
        text = tokenizer.convert_tokens_to_string([wordpiece]).strip()
        if text and _encode(tokenizer, text, add_special_tokens=False)[0] == [token_id]:
            own.append(text)
            if len(own) == 2:
                yield own[0], own[1]
                return


def _probe(tokenizer: PreTrainedTokenizerBase, first: str, second: str) -> SpecialTokens:
    first_ids, second_ids = (_encode(tokenizer, text, add_special_tokens=False)[0] for text in (first, second))
    if not first_ids or not second_ids or first_ids == second_ids:
        raise _UnfitProbeError(f"wordpieces {first_ids} and {second_ids}")
    ids, type_ids = _encode(tokenizer, first)
    start, end = _locate(ids, first_ids)
    pair_ids, pair_type_ids = _encode(tokenizer, first, second)
    first_start, first_end = _locate(pair_ids, first_ids)
    second_start, second_end = _locate(pair_ids, second_ids)
    if second_start < first_end:
        raise _UnfitProbeError("the second text comes first in a pair")
    single = _describe(tokenizer, ids, type_ids)
    pair = _describe(tokenizer, pair_ids, pair_type_ids)
    return SpecialTokens(
        single_start=single[:start],
        single_end=single[end:],
        single_type_id=type_ids[start],
        pair_start=pair[:first_start],
        pair_mid=pair[first_end:second_start],
        pair_end=pair[second_end:],
        pair_first_type_id=pair_type_ids[first_start],
        pair_second_type_id=pair_type_ids[second_start],
    )


def _encode(
    tokenizer: PreTrainedTokenizerBase, *texts: str, add_special_tokens: bool = True
) -> tuple[list[int], list[int]]:
    """Encode one text or a pair into ids and type ids; zeros where the tokenizer has no type ids."""
    backend = private_backend(tokenizer)
    if backend is not None:
        first, second = texts[0], texts[1] if len(texts) > 1 else None
        encoding = backend.encode(first, second, add_special_tokens=add_special_tokens)
        return encoding.ids, encoding.type_ids
    encoded = call_tokenizer(tokenizer, *texts, add_special_tokens=add_special_tokens, return_token_type_ids=True)
    ids = list(encoded["input_ids"])
    type_ids = list(encoded.get("token_type_ids") or ())
    return ids, type_ids if len(type_ids) == len(ids) else [0] * len(ids)


def _locate(ids: Sequence[int], probe: Sequence[int]) -> tuple[int, int]:
    """Return the half-open span of the only occurrence of `probe` in `ids`."""
    found = list(_occurrences(ids, probe))
    if len(found) != 1:
        raise _UnfitProbeError(f"wordpieces {list(probe)} stand {len(found)} times in {list(ids)}")
    return found[0], found[0] + len(probe)


def _occurrences(ids: Sequence[int], probe: Sequence[int]) -> Iterator[int]:
    return (i for i in range(len(ids) - len(probe) + 1) if ids[i : i + len(probe)] == probe)


def _describe(tokenizer: PreTrainedTokenizerBase, ids: list[int], type_ids: list[int]) -> tuple[SpecialToken, ...]:
    texts = tokenizer.convert_ids_to_tokens(ids)
    return tuple(SpecialToken(text, i, type_id) for text, i, type_id in zip(texts, ids, type_ids, strict=True))
