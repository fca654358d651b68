"""Tokenizers of the classes that published models load, with vocabularies of a few wordpieces."""

from collections.abc import Callable
from typing import Any

import pytest
from tokenizers.pre_tokenizers import ByteLevel
from transformers import (
    AlbertTokenizer,
    BertTokenizer,
    ByT5Tokenizer,
    DebertaV2Tokenizer,
    GPT2Tokenizer,
    LlamaTokenizer,
    MPNetTokenizer,
    PreTrainedTokenizerBase,
    RobertaTokenizer,
    T5Tokenizer,
    XLMRobertaTokenizer,
    XLNetTokenizer,
)

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _wordpieces(special: list[str]) -> dict[str, int]:
    pieces = [*special, *LETTERS, *(f"##{letter}" for letter in LETTERS), "fold", "##ing", "##s", "long", ".", ","]
    return {piece: index for index, piece in enumerate(dict.fromkeys(pieces))}


def _scored(special: list[str]) -> list[tuple[str, float]]:
    pieces = [*special, "▁", *LETTERS, *(f"▁{letter}" for letter in LETTERS), "▁fold", "ing", "▁long", ".", ","]
    return [(piece, -float(index)) for index, piece in enumerate(pieces)]


def _bytes(special: list[str]) -> dict[str, Any]:
    pieces = [*special, *sorted(ByteLevel.alphabet()), "fo", "ld", "fold", "Ġf"]
    merges = [("f", "o"), ("l", "d"), ("fo", "ld"), ("Ġ", "f")]
    return {"vocab": {piece: i for i, piece in enumerate(pieces)}, "merges": merges}


def _merges(special: list[str]) -> dict[str, Any]:
    pieces = [*special, "▁", *LETTERS, "▁a", "▁b", "▁f", "fo", ".", ","]
    merges = [("▁", "a"), ("▁", "b"), ("▁", "f"), ("f", "o")]
    return {"vocab": {piece: i for i, piece in enumerate(pieces)}, "merges": merges}


MAKERS: dict[str, Callable[[], PreTrainedTokenizerBase]] = {
    "bert": lambda: BertTokenizer(_wordpieces(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])),
    "mpnet": lambda: MPNetTokenizer(_wordpieces(["<s>", "<pad>", "</s>", "[UNK]", "<mask>"])),
    "roberta": lambda: RobertaTokenizer(**_bytes(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])),
    "gpt2": lambda: GPT2Tokenizer(**_bytes(["<|endoftext|>"])),
    "t5": lambda: T5Tokenizer(_scored(["<pad>", "</s>", "<unk>"]), extra_ids=0),
    "xlnet": lambda: XLNetTokenizer(_scored(["<unk>", "<s>", "</s>", "<cls>", "<sep>", "<pad>", "<mask>"])),
    "albert": lambda: AlbertTokenizer(_scored(["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"])),
    "xlm-roberta": lambda: XLMRobertaTokenizer(_scored(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])),
    "deberta-v2": lambda: DebertaV2Tokenizer(_scored(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])),
    "llama": lambda: LlamaTokenizer(**_merges(["<unk>", "<s>", "</s>"]), add_bos_token=True),
    "byt5": lambda: ByT5Tokenizer(),
}


@pytest.fixture(scope="session", params=MAKERS)
def family(request: pytest.FixtureRequest) -> str:
    """Go through all families of tokenizers."""
    return request.param


@pytest.fixture(scope="session")
def tokenizer_of() -> Callable[[str], PreTrainedTokenizerBase]:
    """Give the tokenizer of a family, made on the first request."""
    made: dict[str, PreTrainedTokenizerBase] = {}

    def of(family: str) -> PreTrainedTokenizerBase:
        if family not in made:
            made[family] = MAKERS[family]()
        return made[family]

    return of


@pytest.fixture(scope="session")
def tokenizer(family: str, tokenizer_of: Callable[[str], PreTrainedTokenizerBase]) -> PreTrainedTokenizerBase:
    """Give the tokenizer of every family in turn."""
    return tokenizer_of(family)
