"""A fast tokenizer's own copy of its Rust part, whose truncation and padding nobody else can set.

The Rust part of a tokenizer keeps the truncation and padding of its last call, for all threads. Whoever calls the
tokenizer that transformers gives out changes them; whoever encodes with the copy is not concerned.
"""

from dataclasses import dataclass
from threading import Lock
from weakref import WeakKeyDictionary

from tokenizers import Tokenizer as FastTokenizer
from tokenizers.decoders import Decoder
from tokenizers.normalizers import Normalizer
from tokenizers.pre_tokenizers import PreTokenizer
from transformers import PreTrainedTokenizerBase, TokenizersBackend


@dataclass(frozen=True, slots=True)
class _Copy:
    """A copy, and what it was made from; None where the Rust part cannot be copied."""

    made_from: tuple[int, bool]
    backend: FastTokenizer | None


_copies: WeakKeyDictionary[PreTrainedTokenizerBase, _Copy] = WeakKeyDictionary()
_copying = Lock()


def private_backend(tokenizer: PreTrainedTokenizerBase) -> FastTokenizer | None:
    """Return a copy of the Rust part without truncation and padding, made once.

    Returns:
        The copy. None for a tokenizer that is more than its Rust part: those in Python, a few families (LayoutLM, LUKE,
        ...) that wrap the call in code of their own, and those with a pre-tokenizer in Python (RoFormer).
    """
    if not _is_plain_fast(tokenizer):
        return None
    state = (tokenizer.backend_tokenizer.get_vocab_size(with_added_tokens=True), tokenizer.split_special_tokens)
    known = _copies.get(tokenizer)
    if known is None or known.made_from != state:
        with _copying:
            known = _Copy(state, _copy(tokenizer))
            _copies[tokenizer] = known
    return known.backend


def _is_plain_fast(tokenizer: PreTrainedTokenizerBase) -> bool:
    return (
        isinstance(tokenizer, TokenizersBackend)
        and type(tokenizer)._encode_plus is TokenizersBackend._encode_plus
        and type(tokenizer).__call__ is PreTrainedTokenizerBase.__call__
    )


def _copy(tokenizer: PreTrainedTokenizerBase) -> FastTokenizer | None:
    source: FastTokenizer = tokenizer.backend_tokenizer
    parts = (type(source.normalizer), type(source.pre_tokenizer), type(source.decoder))
    if any(part in (Normalizer, PreTokenizer, Decoder) for part in parts):  # the bare classes hold Python code
        return None
    backend: FastTokenizer = FastTokenizer.from_str(source.to_str())
    backend.no_truncation()
    backend.no_padding()
    backend.encode_special_tokens = tokenizer.split_special_tokens
    return backend
