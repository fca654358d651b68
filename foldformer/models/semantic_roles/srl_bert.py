"""The arguments of a verb, by a BERT that is told which word it is."""

from typing import Any

from overrides import overrides
from torch import Tensor, nn
from transformers import BertConfig, BertModel, PreTrainedModel

from foldformer.config import Fraction
from foldformer.data import TextFieldTensors
from foldformer.models.model import Model, ModelOutput
from foldformer.models.semantic_roles.role_tagger import Metadata, RoleTagger
from foldformer.models.semantic_roles.srl_eval_scorer import DEFAULT_SRL_EVAL_PATH
from foldformer.nn import InitializerApplicator, get_text_field_mask, get_token_ids_from_text_field_tensors
from foldformer.text import Vocabulary
from foldformer.text.pretrained import load_transformer


@Model.register("srl_bert")
class SrlBert(RoleTagger):
    """Score tags of wordpieces by a linear layer on a BERT, whose type ids are 1 at the verb.

    Source: Shi and Lin, Simple BERT models for relation extraction and semantic role labeling, 2019.
    """

    def __init__(
        self,
        vocab: Vocabulary,
        bert_model: str | dict[str, Any],
        embedding_dropout: Fraction = 0.0,
        initializer: InitializerApplicator | None = None,
        label_smoothing: float | None = None,
        ignore_span_metric: bool = False,
        srl_eval_path: str | None = DEFAULT_SRL_EVAL_PATH,
        **kwargs: Any,
    ) -> None:
        """Build.

        Args:
            vocab: The vocabulary; in a configuration it comes from outside.
            bert_model: Folder or name of a BERT, or its configuration, from which one is made with random weights.
            embedding_dropout: Dropout on the wordpieces' vectors.
            initializer: Fills parameters with their first values.
            label_smoothing: Share of the probability that is spread over all tags, in the loss.
            ignore_span_metric: Compute no scores.
            srl_eval_path: Null: compute no scores either. AllenNLP's is the path of a script, which is not needed here.
            **kwargs: Go to `Model`.

        Raises:
            ConfigurationError: Nothing loadable has that name.
        """
        super().__init__(vocab, label_smoothing, ignore_span_metric, srl_eval_path, **kwargs)
        self.bert_model = _load(bert_model)
        self.tag_projection_layer = nn.Linear(self.bert_model.config.hidden_size, self.num_classes)
        self.embedding_dropout = nn.Dropout(embedding_dropout)
        if initializer is not None:
            initializer(self)

    @overrides(check_signature=False)
    def forward(
        self,
        tokens: TextFieldTensors,
        verb_indicator: Tensor,
        metadata: Metadata | None = None,
        tags: Tensor | None = None,
    ) -> ModelOutput:
        """Score tags.

        Args:
            tokens: From a text field of wordpieces.
            verb_indicator: 1 at the verb, else 0. (batch, tokens)
            metadata: `words`, `verb` and `offsets` of each sentence; with tags also `verb_index` and `gold_tags`.
            tags: True tags of wordpieces. (batch, tokens)

        Returns:
            `logits` and `class_probabilities` (batch, tokens, tags), `mask`, `words`, `verb`, `wordpiece_offsets`, and
            with tags `loss`.
        """
        mask = get_text_field_mask(tokens)
        hidden = self.bert_model(
            input_ids=get_token_ids_from_text_field_tensors(tokens), token_type_ids=verb_indicator, attention_mask=mask
        ).last_hidden_state
        output = self._scored(self.tag_projection_layer(self.embedding_dropout(hidden)), mask, tags, metadata)
        if metadata is not None:
            output["wordpiece_offsets"] = [each["offsets"] for each in metadata]
        if tags is not None:
            self._count(output, metadata)
        return output

    @overrides
    def make_output_human_readable(self, output_dict: ModelOutput) -> ModelOutput:
        """Add the best `wordpiece_tags` of each sentence, and as `tags` those of the first wordpiece of each word."""
        tags = self._best_tags(output_dict)
        output_dict["wordpiece_tags"] = tags
        output_dict["tags"] = [
            [row[place] for place in places] for row, places in zip(tags, output_dict["wordpiece_offsets"], strict=True)
        ]
        return output_dict


def _load(model: str | dict[str, Any]) -> PreTrainedModel:
    if isinstance(model, str):
        return load_transformer(model)
    return BertModel(BertConfig.from_dict(model))
