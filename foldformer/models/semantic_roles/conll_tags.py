"""Arguments of verbs as the scorer of CoNLL 2005 reads them."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TextIO

_WIDTH = 15


def convert_bio_tags_to_conll_format(labels: Sequence[str]) -> list[str]:
    """Turn `B-A0 I-A0 O B-V` into `(A0* *) * (V*)`.

    An `I` that continues nothing begins an argument.

    Args:
        labels: BIO tags.
    """
    found = []
    for (before, label), (_, after) in zip(pairwise(["O", *labels]), pairwise([*labels, "O"]), strict=True):
        if label == "O":
            found.append("*")
            continue
        begins = label[0] == "B" or before == "O" or before[1:] != label[1:]
        ends = after[0] == "B" or after == "O" or after[1:] != label[1:]
        found.append((f"({label[2:]}" if begins else "") + "*" + (")" if ends else ""))
    return found


def write_conll_formatted_tags_to_file(
    prediction_file: TextIO,
    gold_file: TextIO,
    verb_index: int | None,
    sentence: Sequence[str],
    conll_formatted_predictions: Sequence[str],
    conll_formatted_gold_labels: Sequence[str],
) -> None:
    """Write a verb and its arguments, a line a word: the verb or `-`, and the argument.

    Args:
        prediction_file: Gets the predicted arguments.
        gold_file: Gets the true arguments.
        verb_index: Place of the verb; None: there is none.
        sentence: Its words.
        conll_formatted_predictions: As `convert_bio_tags_to_conll_format` gives them.
        conll_formatted_gold_labels: The same, of what is true.
    """
    verbs = [word if place == verb_index else "-" for place, word in enumerate(sentence)]
    for file, labels in ((prediction_file, conll_formatted_predictions), (gold_file, conll_formatted_gold_labels)):
        for verb, label in zip(verbs, labels, strict=False):
            file.write(f"{verb:<{_WIDTH}}{label:>{_WIDTH}}\n")
        file.write("\n")


def write_bio_formatted_tags_to_file(
    prediction_file: TextIO,
    gold_file: TextIO,
    verb_index: int | None,
    sentence: Sequence[str],
    prediction: Sequence[str],
    gold_labels: Sequence[str],
) -> None:
    """Write a verb and its arguments, as `write_conll_formatted_tags_to_file` does.

    Args:
        prediction_file: Gets the predicted arguments.
        gold_file: Gets the true arguments.
        verb_index: Place of the verb; None: there is none.
        sentence: Its words.
        prediction: BIO tags.
        gold_labels: BIO tags that are true.
    """
    tags = map(convert_bio_tags_to_conll_format, (prediction, gold_labels))
    write_conll_formatted_tags_to_file(prediction_file, gold_file, verb_index, sentence, *tags)
