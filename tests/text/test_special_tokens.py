import gc
import weakref

import pytest
from transformers import BertTokenizer

from foldformer.config import ConfigurationError
from foldformer.text import find_special_tokens
from foldformer.text.special_tokens import check_max_length

# family -> one sequence, pair; "a" and "b" stand for the sequences, the digits are type ids
TEMPLATES = {
    "bert": ("[CLS]0 a0 [SEP]0", "[CLS]0 a0 [SEP]0 b1 [SEP]1"),
    "mpnet": ("<s>0 a0 </s>0", "<s>0 a0 </s>0 </s>0 b0 </s>0"),
    "roberta": ("<s>0 a0 </s>0", "<s>0 a0 </s>0 </s>0 b0 </s>0"),
    "gpt2": ("a0", "a0 b1"),
    "t5": ("a0 </s>0", "a0 </s>0 b0 </s>0"),
    "xlnet": ("a0 <sep>0 <cls>2", "a0 <sep>0 b1 <sep>1 <cls>2"),
    "albert": ("[CLS]0 a0 [SEP]0", "[CLS]0 a0 [SEP]0 b1 [SEP]1"),
    "xlm-roberta": ("<s>0 a0 </s>0", "<s>0 a0 </s>0 </s>0 b0 </s>0"),
    "deberta-v2": ("[CLS]0 a0 [SEP]0", "[CLS]0 a0 [SEP]0 b1 [SEP]1"),
    "llama": ("<s>0 a0", "<s>0 a0 <s>1 b1"),
    "byt5": ("a0 </s>0", "a0 </s>0 b0 </s>0"),
}


def _spelled(tokens):
    return [f"{token.text}{token.type_id}" for token in tokens]


def test_template_is_that_of_the_family(family, tokenizer):
    found = find_special_tokens(tokenizer)
    single = [*_spelled(found.single_start), f"a{found.single_type_id}", *_spelled(found.single_end)]
    pair = [*_spelled(found.pair_start), f"a{found.pair_first_type_id}", *_spelled(found.pair_mid)]
    pair += [f"b{found.pair_second_type_id}", *_spelled(found.pair_end)]
    assert (" ".join(single), " ".join(pair)) == TEMPLATES[family]
    assert (found.num_single, found.num_pair) == (len(single) - 1, len(pair) - 2)


def test_template_rebuilds_what_the_tokenizer_itself_gives(tokenizer):
    found = find_special_tokens(tokenizer)
    plain = tokenizer("folding long", add_special_tokens=False)["input_ids"]
    start, end = [token.id for token in found.single_start], [token.id for token in found.single_end]
    assert start + plain + end == tokenizer("folding long")["input_ids"]


def test_a_tokenizer_is_asked_once_and_can_be_forgotten():
    vocabulary = {piece: i for i, piece in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b"])}
    tokenizer = BertTokenizer(vocabulary)
    assert find_special_tokens(tokenizer) is find_special_tokens(tokenizer)
    reference = weakref.ref(tokenizer)
    del tokenizer
    gc.collect()
    assert reference() is None


def test_other_probes_are_tried_when_the_first_are_unknown():
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "1", "2"]
    found = find_special_tokens(BertTokenizer({piece: i for i, piece in enumerate(pieces)}))
    assert (_spelled(found.single_start), _spelled(found.pair_end)) == (["[CLS]0"], ["[SEP]1"])


@pytest.mark.parametrize("probes", [None, ["Ϣ", "ⲁ"]])
def test_probes_of_the_vocabularys_own_are_tried_last(probes):
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "##ⲁ", "ⲁ", "Ϣ"]
    vocabulary = {piece: i for i, piece in enumerate(pieces)}
    found = find_special_tokens(BertTokenizer(vocabulary, do_lower_case=False), probes)
    assert (_spelled(found.single_start), _spelled(found.pair_end)) == (["[CLS]0"], ["[SEP]1"])


@pytest.mark.parametrize("probes", [("a", "a"), ("", "b"), ("?!", "&%")])
def test_probes_that_cannot_be_told_apart_are_refused(tokenizer_of, probes):
    with pytest.raises(ValueError, match="verification_tokens: got"):
        find_special_tokens(tokenizer_of("bert"), probes)


def test_max_length_needs_room_beside_the_special_tokens():
    check_max_length(None, 2)
    check_max_length(3, 2)
    with pytest.raises(ConfigurationError, match="max_length: got 2; expected more than the 2 special tokens"):
        check_max_length(2, 2)
    with pytest.raises(ConfigurationError, match="got 0"):
        check_max_length(0, 0)
