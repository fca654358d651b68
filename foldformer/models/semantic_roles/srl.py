"""The arguments of a verb, by an encoder that is told which word it is."""

from typing import Any

import torch
from overrides import overrides
from torch import Tensor, nn

from foldformer.config import AtLeastOne, Fraction
from foldformer.data import TextFieldTensors
from foldformer.models.model import Model, ModelOutput, check_same_width
from foldformer.models.semantic_roles.role_tagger import Metadata, RoleTagger
from foldformer.models.semantic_roles.srl_eval_scorer import DEFAULT_SRL_EVAL_PATH
from foldformer.models.text_field_embedder import TextFieldEmbedder
from foldformer.nn import InitializerApplicator, Seq2SeqEncoder, TimeDistributed, get_text_field_mask
from foldformer.text import Vocabulary


@Model.register("srl")
class SemanticRoleLabeler(RoleTagger):
    """Embed words, and whether each is the verb, encode them, and score tags by a linear layer.

    Source: He et al., Deep semantic role labeling: what works and what's next, 2017.
    """

    def __init__(
        self,
        vocab: Vocabulary,
        text_field_embedder: TextFieldEmbedder,
        encoder: Seq2SeqEncoder,
        binary_feature_dim: AtLeastOne,
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
            text_field_embedder: Gives the words their vectors.
            encoder: Encodes them with the vectors for the verb.
            binary_feature_dim: Width of the vectors for the verb and for other words.
            embedding_dropout: Dropout on the words' vectors.
            initializer: Fills parameters with their first values.
            label_smoothing: Share of the probability that is spread over all tags, in the loss.
            ignore_span_metric: Compute no scores.
            srl_eval_path: Null: compute no scores either. AllenNLP's is the path of a script, which is not needed here.
            **kwargs: Go to `Model`.

        Raises:
            ConfigurationError: The encoder does not take vectors as wide as both together.
        """
        super().__init__(vocab, label_smoothing, ignore_span_metric, srl_eval_path, **kwargs)
        self.text_field_embedder = text_field_embedder
        self.encoder = encoder
        self.binary_feature_embedding = nn.Embedding(2, binary_feature_dim)
        nn.init.xavier_uniform_(self.binary_feature_embedding.weight)
        self.tag_projection_layer = TimeDistributed(nn.Linear(encoder.get_output_dim(), self.num_classes))
        self.embedding_dropout = nn.Dropout(embedding_dropout)
        width = text_field_embedder.get_output_dim() + binary_feature_dim
        check_same_width(width, encoder.get_input_dim(), "text_field_embedder with binary_feature_dim", "encoder")
        if initializer is not None:
            initializer(self)

    @overrides(check_signature=False)
    def forward(
        self,
        tokens: TextFieldTensors,
        verb_indicator: Tensor,
        tags: Tensor | None = None,
        metadata: Metadata | None = None,
    ) -> ModelOutput:
        """Score tags.

        Args:
            tokens: From a text field.
            verb_indicator: 1 at the verb, else 0. (batch, tokens)
            tags: True tags. (batch, tokens)
            metadata: `words` and `verb` of each sentence; with tags also `verb_index` and `gold_tags`.

        Returns:
            `logits` and `class_probabilities` (batch, tokens, tags), `mask`, `words`, `verb`, and with tags `loss`.
        """
        mask = get_text_field_mask(tokens)
        words = self.embedding_dropout(self.text_field_embedder(tokens))
        vectors = torch.cat([words, self.binary_feature_embedding(verb_indicator.long())], dim=-1)
        output = self._scored(self.tag_projection_layer(self.encoder(vectors, mask)), mask, tags, metadata)
        if tags is not None:
            self._count(output, metadata)
        return output
