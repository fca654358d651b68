"""The head of each word of a sentence, and the label of the arc from it."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from overrides import overrides
from torch import Tensor, nn

from foldformer.config import AtLeastOne, Fraction
from foldformer.data import TextFieldTensors
from foldformer.models.metrics import AttachmentScores
from foldformer.models.model import Model, ModelOutput, check_same_width
from foldformer.models.text_field_embedder import TextFieldEmbedder
from foldformer.models.token_embedder import TokenEmbedder
from foldformer.nn import Activation, FeedForward, InitializerApplicator, Seq2SeqEncoder, get_text_field_mask
from foldformer.nn.functions.masked import masked_log_softmax
from foldformer.nn.layers import InputVariationalDropout
from foldformer.nn.matrix_attention import BilinearMatrixAttention
from foldformer.nn.spanning_tree import decode_mst
from foldformer.text import Vocabulary

POS_TO_IGNORE = {"`", "''", ":", ",", ".", "PU", "PUNCT", "SYM"}
"""Parts of speech of punctuation, whose heads are not scored."""

_NEVER = -1e8


@Model.register("biaffine_parser")
class BiaffineDependencyParser(Model):
    """Score every word as the head of every other, and every label of the arc between them.

    `words [+ pos_tags] -> embedders -> encoder -> [root, words] -> feed-forwards of arcs and of labels -> biaffine`

    In training each word takes its best head; else, the heads that are the best tree. There, as in AllenNLP, arcs from
    the root have no score of their own: the root's word is the one whose other heads are worst.

    Source: Dozat and Manning, Deep biaffine attention for neural dependency parsing, 2017.
    """

    default_predictor = "biaffine_dependency_parser"

    def __init__(
        self,
        vocab: Vocabulary,
        text_field_embedder: TextFieldEmbedder,
        encoder: Seq2SeqEncoder,
        tag_representation_dim: AtLeastOne,
        arc_representation_dim: AtLeastOne,
        tag_feedforward: FeedForward | None = None,
        arc_feedforward: FeedForward | None = None,
        pos_tag_embedding: TokenEmbedder | None = None,
        use_mst_decoding_for_validation: bool = True,
        dropout: Fraction = 0.0,
        input_dropout: Fraction = 0.0,
        initializer: InitializerApplicator | None = None,
        **kwargs: Any,
    ) -> None:
        """Build.

        Args:
            vocab: The vocabulary; in a configuration it comes from outside.
            text_field_embedder: Gives the words their vectors.
            encoder: Encodes them.
            tag_representation_dim: Width of the vectors that labels are scored by.
            arc_representation_dim: Width of the vectors that heads are scored by.
            tag_feedforward: Makes the former, once for heads and once for words; None: one layer with elu.
            arc_feedforward: Makes the latter; None: one layer with elu.
            pos_tag_embedding: Gives parts of speech their vectors, which join those of the words.
            use_mst_decoding_for_validation: Look for the best tree when not training.
            dropout: Dropout on the encoder's output and on both kinds of vectors, the same at every word.
            input_dropout: Dropout on the encoder's input.
            initializer: Fills parameters with their first values.
            **kwargs: Go to `Model`.

        Raises:
            ConfigurationError: One part does not take vectors as wide as the one before gives.
        """
        super().__init__(vocab, **kwargs)
        self.text_field_embedder, self.encoder = text_field_embedder, encoder
        dim = encoder.get_output_dim()
        self.head_arc_feedforward = arc_feedforward or _one_layer(dim, arc_representation_dim)
        self.child_arc_feedforward = copy.deepcopy(self.head_arc_feedforward)
        self.arc_attention = BilinearMatrixAttention(
            arc_representation_dim, arc_representation_dim, use_input_biases=True
        )
        self.head_tag_feedforward = tag_feedforward or _one_layer(dim, tag_representation_dim)
        self.child_tag_feedforward = copy.deepcopy(self.head_tag_feedforward)
        num_labels = vocab.get_vocab_size("head_tags")
        self.tag_bilinear = nn.Bilinear(tag_representation_dim, tag_representation_dim, num_labels)
        self._pos_tag_embedding = pos_tag_embedding
        self._dropout = InputVariationalDropout(dropout)
        self._input_dropout = nn.Dropout(input_dropout)
        self._head_sentinel = nn.Parameter(torch.randn(1, 1, dim))
        self._check_widths(tag_representation_dim, arc_representation_dim)
        self.use_mst_decoding_for_validation = use_mst_decoding_for_validation
        tags = vocab.get_token_to_index_vocabulary("pos")
        self._pos_to_ignore = [index for tag, index in tags.items() if tag in POS_TO_IGNORE]
        self._attachment_scores = AttachmentScores()
        if initializer is not None:
            initializer(self)

    def _check_widths(self, tag_dim: int, arc_dim: int) -> None:
        width = self.text_field_embedder.get_output_dim()
        if self._pos_tag_embedding is not None:
            width += self._pos_tag_embedding.get_output_dim()
        check_same_width(width, self.encoder.get_input_dim(), "text_field_embedder with pos_tag_embedding", "encoder")
        for name, layers, dim in (
            ("tag", self.head_tag_feedforward, tag_dim),
            ("arc", self.head_arc_feedforward, arc_dim),
        ):
            check_same_width(self.encoder.get_output_dim(), layers.get_input_dim(), "encoder", f"{name}_feedforward")
            check_same_width(layers.get_output_dim(), dim, f"{name}_feedforward", f"{name}_representation_dim")

    @overrides(check_signature=False)
    def forward(
        self,
        words: TextFieldTensors,
        pos_tags: Tensor | None = None,
        metadata: Sequence[Mapping[str, Any]] | None = None,
        head_tags: Tensor | None = None,
        head_indices: Tensor | None = None,
    ) -> ModelOutput:
        """Find heads and labels.

        Args:
            words: From a text field.
            pos_tags: Parts of speech; words with one of `POS_TO_IGNORE` are not scored. (batch, words)
            metadata: `words` and `pos` of each sentence.
            head_tags: True labels. (batch, words)
            head_indices: True heads, from 1; 0 is the root. (batch, words)

        Returns:
            `heads`, `head_tags` and `mask` (batch, 1 + words), in whose first place is the root; `arc_loss`, `tag_loss`
            and their sum `loss`, of the true tree, or without it of the one that was found; with metadata `words` and
            `pos`.

        Raises:
            ValueError: Parts of speech have an embedding, but there are none.
        """
        mask = nn.functional.pad(get_text_field_mask(words), (1, 0), value=True)
        encoded = self._encoded(self._embedded(words, pos_tags), mask)
        arcs = self.arc_attention(*self._both(self.head_arc_feedforward, self.child_arc_feedforward, encoded))
        padded = ~mask * _NEVER
        arcs = arcs + padded.unsqueeze(2) + padded.unsqueeze(1)
        tags = self._both(self.head_tag_feedforward, self.child_tag_feedforward, encoded)
        is_greedy = self.training or not self.use_mst_decoding_for_validation
        heads, labels = (self._greedy if is_greedy else self._best_trees)(arcs, tags, mask)
        gold = heads, labels
        if head_indices is not None and head_tags is not None:
            gold = nn.functional.pad(head_indices, (1, 0)), nn.functional.pad(head_tags, (1, 0))
            scored = self._is_scored(mask[:, 1:], pos_tags)
            self._attachment_scores(heads[:, 1:], labels[:, 1:], head_indices, head_tags, scored)
        arc_loss, tag_loss = self._losses(arcs, tags, mask, *gold)
        output: ModelOutput = {"heads": heads, "head_tags": labels, "mask": mask}
        output |= {"arc_loss": arc_loss, "tag_loss": tag_loss, "loss": arc_loss + tag_loss}
        if metadata is not None:
            output |= {name: [each[name] for each in metadata] for name in ("words", "pos")}
        return output

    def _embedded(self, words: TextFieldTensors, pos_tags: Tensor | None) -> Tensor:
        vectors: Tensor = self.text_field_embedder(words)
        if self._pos_tag_embedding is None:
            return vectors
        if pos_tags is None:
            raise ValueError("pos_tags: got none; expected them, as the model has a pos_tag_embedding")
        return torch.cat([vectors, self._pos_tag_embedding(pos_tags)], dim=-1)

    def _encoded(self, vectors: Tensor, mask: Tensor) -> Tensor:
        """Vectors of the root and of the words. (batch, 1 + words, dim)."""
        encoded = self.encoder(self._input_dropout(vectors), mask[:, 1:])
        dropped: Tensor = self._dropout(torch.cat([self._head_sentinel.expand(len(encoded), -1, -1), encoded], dim=1))
        return dropped

    def _both(self, of_heads: FeedForward, of_words: FeedForward, encoded: Tensor) -> tuple[Tensor, Tensor]:
        return self._dropout(of_heads(encoded)), self._dropout(of_words(encoded))

    def _labels_of_arcs(self, tags: tuple[Tensor, Tensor], heads: Tensor) -> Tensor:
        """Scores of the labels of the arc from each word's head. (batch, 1 + words, labels)."""
        rows = torch.arange(len(heads), device=heads.device).unsqueeze(1)
        scores: Tensor = self.tag_bilinear(tags[0][rows, heads], tags[1])
        return scores

    def _greedy(self, arcs: Tensor, tags: tuple[Tensor, Tensor], mask: Tensor) -> tuple[Tensor, Tensor]:
        """The best head of each word but itself, and its best label."""
        itself = torch.eye(mask.size(1), dtype=torch.bool, device=mask.device)
        heads = arcs.masked_fill(itself | ~mask.unsqueeze(2), -torch.inf).argmax(dim=2)
        return heads, self._labels_of_arcs(tags, heads).argmax(dim=2)

    @torch.no_grad()
    def _best_trees(self, arcs: Tensor, tags: tuple[Tensor, Tensor], mask: Tensor) -> tuple[Tensor, Tensor]:
        """The heads and labels of the tree whose arcs have the largest sum of probabilities."""
        labels = torch.einsum("bhi,lij,bcj->blhc", tags[0], self.tag_bilinear.weight, tags[1])
        labels = (labels + self.tag_bilinear.bias.view(-1, 1, 1)).log_softmax(dim=1)
        chances = (arcs.log_softmax(dim=2).transpose(1, 2).unsqueeze(1) + labels).exp()
        best, best_labels = chances.cpu().max(dim=1)  # (batch, heads, words)
        best[:, 0] = 0
        found = [
            decode_mst(each.numpy(), int(size), False)[0] for each, size in zip(best, mask.sum(dim=1), strict=True)
        ]
        heads = torch.from_numpy(np.stack(found)).long()
        heads[:, 0] = 0
        chosen = best_labels.gather(1, heads.unsqueeze(1)).squeeze(1)
        chosen[:, 0] = 0
        return heads.to(mask.device), chosen.to(mask.device)

    def _losses(
        self, arcs: Tensor, tags: tuple[Tensor, Tensor], mask: Tensor, heads: Tensor, labels: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Mean negative log probability of heads and of labels, over all words."""
        of_heads = masked_log_softmax(arcs, mask).gather(2, heads.unsqueeze(2)).squeeze(2)
        of_labels = self._labels_of_arcs(tags, heads).log_softmax(dim=2).gather(2, labels.unsqueeze(2)).squeeze(2)
        real = mask[:, 1:]
        arc_loss, tag_loss = (-(each[:, 1:] * real).sum() / real.sum() for each in (of_heads, of_labels))
        return arc_loss, tag_loss

    def _is_scored(self, mask: Tensor, pos_tags: Tensor | None) -> Tensor:
        if pos_tags is None:
            return mask
        return mask & ~torch.isin(pos_tags, torch.tensor(self._pos_to_ignore, dtype=torch.long, device=mask.device))

    @overrides
    def make_output_human_readable(self, output_dict: ModelOutput) -> ModelOutput:
        """Turn `heads` and `head_tags` into `predicted_heads` and `predicted_dependencies`, of the words alone."""
        lengths = output_dict.pop("mask").sum(dim=1).tolist()
        heads, labels = output_dict.pop("heads").tolist(), output_dict.pop("head_tags").tolist()
        name = self.vocab.get_index_to_token_vocabulary("head_tags").__getitem__
        output_dict["predicted_dependencies"] = [
            [name(label) for label in row[1:length]] for row, length in zip(labels, lengths, strict=True)
        ]
        output_dict["predicted_heads"] = [row[1:length] for row, length in zip(heads, lengths, strict=True)]
        return output_dict

    @overrides
    def get_metrics(self, reset: bool = False) -> dict[str, float]:
        """Compute `UAS`, `LAS`, `UEM` and `LEM`."""
        scores: dict[str, float] = self._attachment_scores.get_metric(reset)
        return scores


def _one_layer(input_dim: int, output_dim: int) -> FeedForward:
    return FeedForward(input_dim, 1, output_dim, Activation.by_name("elu")())
