"""Documents of made-up words, and the tokenizer that knows them: the same for all architectures."""

import numpy as np
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

START, END = 10, 11
"""Ids of the special tokens; models have their own special ids below them and at the end."""
LENGTHS = (600, 1, 70, 150)
"""In words: longer than any positions that are tried, and short ones, which are padded beside long ones."""


def tokenizer(num_ids: int) -> PreTrainedTokenizerFast:
    """Return a tokenizer with a word for each id, and special tokens around a text."""
    words = Tokenizer(models.WordLevel({_word(number): number for number in range(num_ids)}, unk_token=_word(1)))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    start, end = _word(START), _word(END)
    words.post_processor = processors.TemplateProcessing(
        single=f"{start} $A {end}",
        pair=f"{start} $A {end} $B {end}",
        special_tokens=[(start, START), (end, END)],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=words, unk_token=_word(1), pad_token=_word(0), cls_token=start, sep_token=end
    )


def documents(num_ids: int) -> list[list[int]]:
    """Return the ids of all words of some documents."""
    numbers = np.random.default_rng(0)
    return [numbers.integers(END + 1, num_ids - num_ids // 10, length).tolist() for length in LENGTHS]


def text(ids: list[int]) -> str:
    """Return the document that has these ids."""
    return " ".join(map(_word, ids))


def _word(number: int) -> str:
    return f"w{number:03}"  # none is part of another
