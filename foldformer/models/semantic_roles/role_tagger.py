"""What models of semantic roles have in common: tags that begin before they go on, and their scores."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from overrides import overrides
from torch import Tensor

from foldformer.models.model import Model, ModelOutput
from foldformer.models.semantic_roles.conll_tags import convert_bio_tags_to_conll_format
from foldformer.models.semantic_roles.srl_eval_scorer import SrlEvalScorer
from foldformer.nn import sequence_cross_entropy_with_logits
from foldformer.nn.crf.one_sequence import viterbi_decode
from foldformer.text import Vocabulary

Metadata = Sequence[Mapping[str, Any]]


class RoleTagger(Model):
    """Tags tokens with the arguments of one verb, in BIO.

    Args:
        vocab: Has the tags, in the namespace "labels".
        label_smoothing: Share of the probability that is spread over all tags.
        ignore_span_metric: Compute no scores.
        srl_eval_path: None: compute no scores either. AllenNLP's is the path of a script, which is not needed here.
        kwargs: Go to `Model`.
    """

    default_predictor = "semantic_role_labeling"

    def __init__(
        self,
        vocab: Vocabulary,
        label_smoothing: float | None,
        ignore_span_metric: bool,
        srl_eval_path: str | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(vocab, **kwargs)
        self.num_classes = vocab.get_vocab_size("labels")
        self._label_smoothing = label_smoothing
        self.ignore_span_metric = ignore_span_metric
        # The verb is known beforehand.
        self.span_metric = None if srl_eval_path is None else SrlEvalScorer(srl_eval_path, ignore_classes=["V"])

    def _scored(self, logits: Tensor, mask: Tensor, tags: Tensor | None, metadata: Metadata | None) -> ModelOutput:
        """What the model gives for scores of the tags, (batch, tokens, tags); with tags the loss, and count them."""
        output: ModelOutput = {"logits": logits, "class_probabilities": logits.softmax(dim=-1), "mask": mask}
        for name in ("words", "verb") if metadata is not None else ():
            output[name] = [each[name] for each in metadata or ()]
        if tags is not None:
            output["loss"] = sequence_cross_entropy_with_logits(
                logits, tags, mask, label_smoothing=self._label_smoothing
            )
        return output

    def _count(self, output: ModelOutput, metadata: Metadata | None) -> None:
        """Add a batch to the scores, unless in training."""
        if self.training or self.ignore_span_metric or self.span_metric is None or metadata is None:
            return
        predicted = self.make_output_human_readable(dict(output))["tags"]
        self.span_metric(
            [each["verb_index"] for each in metadata],
            [each["words"] for each in metadata],
            list(map(convert_bio_tags_to_conll_format, predicted)),
            [convert_bio_tags_to_conll_format(each["gold_tags"]) for each in metadata],
        )

    def _best_tags(self, output: ModelOutput) -> list[list[str]]:
        """The tags of every token, of which each `I` goes on from its own kind."""
        transitions, start = self.get_viterbi_pairwise_potentials(), self.get_start_transitions()
        lengths = output["mask"].sum(dim=1).tolist()
        found = []
        for scores, length in zip(output["class_probabilities"].detach().cpu(), lengths, strict=True):
            tags: list[Any] = []
            if length:
                tags, _ = viterbi_decode(scores[:length], transitions, allowed_start_transitions=start)
            found.append([self.vocab.get_token_from_index(tag, "labels") for tag in tags])
        return found

    @overrides
    def make_output_human_readable(self, output_dict: ModelOutput) -> ModelOutput:
        """Add the best `tags` of each sentence."""
        output_dict["tags"] = self._best_tags(output_dict)
        return output_dict

    def get_viterbi_pairwise_potentials(self) -> Tensor:
        """0 where a tag may follow another, else minus infinity. (tags, tags)."""
        labels = self.vocab.get_index_to_token_vocabulary("labels")
        potentials = torch.zeros(len(labels), len(labels))
        for row, before in labels.items():
            for column, label in labels.items():
                if label.startswith("I") and before not in (label, f"B{label[1:]}"):
                    potentials[row, column] = -torch.inf
        return potentials

    def get_start_transitions(self) -> Tensor:
        """0 where a tag may come first, else minus infinity. (tags,)."""
        labels = self.vocab.get_index_to_token_vocabulary("labels")
        return torch.tensor([-torch.inf if labels[each].startswith("I") else 0.0 for each in range(len(labels))])

    @overrides
    def get_metrics(self, reset: bool = False) -> dict[str, float]:
        """Compute `precision-overall`, `recall-overall` and `f1-measure-overall`."""
        if self.ignore_span_metric or self.span_metric is None:
            return {}
        return {name: value for name, value in self.span_metric.get_metric(reset).items() if "overall" in name}
