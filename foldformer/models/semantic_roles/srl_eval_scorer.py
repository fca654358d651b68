"""Precision, recall and F1 of the arguments of verbs, as CoNLL 2005 counts them."""

import re
from collections.abc import Sequence

from overrides import overrides

from foldformer.models.metrics.metric import Metric
from foldformer.models.metrics.span_based_f1_measure import CONTINUES
from foldformer.models.metrics.span_scores import SpanScores

DEFAULT_SRL_EVAL_PATH = "srl-eval.pl"
"""Stands for the script of CoNLL 2005, which is not run: counting is done here."""

_OPENS = re.compile(r"\(([^(*]+)")
Span = tuple[int, int]
Argument = tuple[str, tuple[Span, ...]]
"""Its role, and first and last word of each of its pieces."""


@Metric.register("srl_eval")
class SrlEvalScorer(SpanScores):
    """Count an argument as right where its role and its words are.

    Gives `precision-overall`, `recall-overall` and `f1-measure-overall`, and the same for each role that was seen, such
    as `f1-measure-ARG0`. Pieces such as `C-ARG0` belong to the ARG0 before them, and are right or wrong with it; one
    with nothing before it is an ARG0. The counts are those of the script srl-eval.pl, which AllenNLP runs.
    """

    def __init__(
        self, srl_eval_path: str | None = DEFAULT_SRL_EVAL_PATH, ignore_classes: Sequence[str] | None = None
    ) -> None:
        """Build.

        Args:
            srl_eval_path: Not used; AllenNLP's is the path of the script.
            ignore_classes: Roles that are not counted.
        """
        del srl_eval_path
        super().__init__()
        self._ignore_classes = set(ignore_classes or ())

    @overrides(check_signature=False)
    def __call__(
        self,
        batch_verb_indices: Sequence[int | None],
        batch_sentences: Sequence[Sequence[str]],
        batch_conll_formatted_predicted_tags: Sequence[Sequence[str]],
        batch_conll_formatted_gold_tags: Sequence[Sequence[str]],
    ) -> None:
        """Add a batch.

        Args:
            batch_verb_indices: Place of each verb; None: there is none, and nothing is counted.
            batch_sentences: Words of each sentence.
            batch_conll_formatted_predicted_tags: As `convert_bio_tags_to_conll_format` gives them.
            batch_conll_formatted_gold_tags: The same, of what is true.
        """
        rows = (batch_conll_formatted_predicted_tags, batch_conll_formatted_gold_tags)
        for verb, words, predicted, gold in zip(batch_verb_indices, batch_sentences, *rows, strict=True):
            if verb is None or words[verb] == "-":  # which the script takes for no verb
                continue
            self._count(self._counted(predicted), self._counted(gold))

    def _counted(self, tags: Sequence[str]) -> set[Argument]:
        return {argument for argument in _arguments(tags) if argument[0] not in self._ignore_classes}


def _arguments(tags: Sequence[str]) -> set[Argument]:
    arguments: list[tuple[str, list[Span]]] = []
    latest: dict[str, list[Span]] = {}
    for label, span in _phrases(tags):
        role = label.removeprefix(CONTINUES)
        if role != label and role in latest:
            latest[role].append(span)
            continue
        latest[role] = [span]
        arguments.append((role, latest[role]))
    return {(role, tuple(spans)) for role, spans in arguments}


def _phrases(tags: Sequence[str]) -> list[tuple[str, Span]]:
    """Labels and words of `(A0* *) (V*)`, in their order, an outer one before those in it."""
    open_phrases: list[tuple[str, int]] = []
    found: list[tuple[str, Span]] = []
    for place, tag in enumerate(tags):
        before, _, after = tag.partition("*")
        open_phrases += [(label, place) for label in _OPENS.findall(before)]
        for _ in range(after.count(")")):
            label, first = open_phrases.pop()
            found.append((label, (first, place)))
    return sorted(found, key=lambda phrase: (phrase[1][0], -phrase[1][1]))
