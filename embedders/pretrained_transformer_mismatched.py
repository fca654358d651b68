"""One contextual vector a word, for words that a tokenizer cuts further."""

from collections.abc import Iterator, Mapping
from typing import Any

from overrides import overrides
from torch import Tensor

from embedders.option_problems import problems_of_options
from embedders.pretrained_transformer import PretrainedTransformerEmbedder
from foldformer.choices import BackendName, DtypeName, OverlapMode
from foldformer.config import AtLeastOne, ConfigurationError, NotNegative, Problem
from foldformer.config.nearest import did_you_mean, one_of
from foldformer.engine.segment_outputs import SegmentOutputs
from foldformer.engine.word_pooling import SUB_TOKEN_MODES, SubTokenMode, pool_words
from foldformer.models import TokenEmbedder


@TokenEmbedder.register("pretrained_transformer_mismatched")
class PretrainedTransformerMismatchedEmbedder(TokenEmbedder):
    """Embed wordpieces as `PretrainedTransformerEmbedder` does, then pool those of each word.

        words         unfolded          text
        wordpieces    [CLS] un ##fold ##ed text [SEP]
        offsets             1 ....... 3    4 4         inclusive; (-1, -1) for a word without wordpieces

    Goes with `PretrainedTransformerMismatchedIndexer`. A word without wordpieces gets zeros.

    Source: `PretrainedTransformerMismatchedEmbedder` of AllenNLP 2.10.1; departs from it by the modes "last" and "max",
    and by the options of the matched embedder that it lacked.

    Args:
        model_name: Folder, name in the local cache, or name on the hub.
        sub_token_mode: How a word's wordpieces become one vector: their average, the first, the last, or the largest
            value in each dimension.
        dtype: Of parameters and output; "auto" is bfloat16 where the hardware computes in it.
        max_batch_tokens: Most wordpieces in one micro-batch, padding included; None takes what is best on the device.
        cache_frozen: True keeps the vectors of every document on disk, so that they are computed in the first epoch
            only; for frozen transformers without a scalar mix.
        cache_folder: Where they are kept, for other runs too; None takes a folder that goes with the process.
        verification_tokens: Two texts to find the special tokens with, where these are not found without.
        overlap: Content wordpieces that neighbouring segments share; the indexer needs the same value.
        overlap_mode: What becomes of the vectors of a wordpiece that several segments hold, before words are pooled.

    All other parameters are those of `PretrainedTransformerEmbedder`.

    Raises:
        ConfigurationError: An unknown `sub_token_mode`, or whatever the matched embedder refuses.
    """

    def __init__(
        self,
        model_name: str,
        max_length: AtLeastOne | None = None,
        sub_module: str | None = None,
        train_parameters: bool = True,
        last_layer_only: bool = True,
        override_weights_file: str | None = None,
        override_weights_strip_prefix: str | None = None,
        load_weights: bool = True,
        gradient_checkpointing: bool | None = None,
        tokenizer_kwargs: dict[str, Any] | None = None,
        transformer_kwargs: dict[str, Any] | None = None,
        sub_token_mode: SubTokenMode = "avg",
        *,
        eval_mode: bool = False,
        reinit_modules: int | tuple[int, ...] | tuple[str, ...] | None = None,
        dtype: DtypeName = "float32",
        max_batch_tokens: AtLeastOne | None = None,
        cache_frozen: bool = False,
        cache_folder: str | None = None,
        backend: BackendName = "torch",
        verification_tokens: tuple[str, str] | None = None,
        overlap: NotNegative = 0,
        overlap_mode: OverlapMode = "average",
    ) -> None:
        super().__init__()
        if sub_token_mode not in SUB_TOKEN_MODES:
            raise ConfigurationError(
                f'sub_token_mode: got "{sub_token_mode}"; expected {one_of(SUB_TOKEN_MODES)}'
                f"{did_you_mean(sub_token_mode, SUB_TOKEN_MODES)}"
            )
        self.sub_token_mode = sub_token_mode
        self._matched_embedder = PretrainedTransformerEmbedder(
            model_name,
            max_length=max_length,
            sub_module=sub_module,
            train_parameters=train_parameters,
            eval_mode=eval_mode,
            last_layer_only=last_layer_only,
            override_weights_file=override_weights_file,
            override_weights_strip_prefix=override_weights_strip_prefix,
            reinit_modules=reinit_modules,
            load_weights=load_weights,
            gradient_checkpointing=gradient_checkpointing,
            tokenizer_kwargs=tokenizer_kwargs,
            transformer_kwargs=transformer_kwargs,
            dtype=dtype,
            max_batch_tokens=max_batch_tokens,
            cache_frozen=cache_frozen,
            cache_folder=cache_folder,
            backend=backend,
            verification_tokens=verification_tokens,
            overlap=overlap,
            overlap_mode=overlap_mode,
        )

    @classmethod
    @overrides
    def check_block(cls, block: Mapping[str, Any]) -> Iterator[Problem]:
        """A cache only where nothing changes, an overlap only where documents are cut."""
        return problems_of_options(block)

    @overrides
    def get_output_dim(self) -> int:
        """Return the width of the vectors."""
        return self._matched_embedder.get_output_dim()

    def forward(
        self,
        token_ids: Tensor,
        mask: Tensor,
        offsets: Tensor,
        wordpiece_mask: Tensor,
        type_ids: Tensor | None = None,
        segment_concat_mask: Tensor | None = None,
        segment_spans: Tensor | None = None,
    ) -> Tensor:
        """Embed one batch.

        Args:
            token_ids: Wordpiece ids, segments one after the other. int64 (batch, folded wordpieces)
            mask: True where a word is real. bool (batch, words)
            offsets: Inclusive first and last stitched wordpiece of each word, (-1, -1) for none.
                int64 (batch, words, 2)
            wordpiece_mask: True where a stitched wordpiece is real. bool (batch, wordpieces)
            type_ids: Sentence A/B ids. int64 (batch, folded wordpieces)
            segment_concat_mask: True where a folded wordpiece is real; comes with `max_length` only.
                bool (batch, folded wordpieces)
            segment_spans: Half-open span of content wordpieces in each segment, (0, 0) in the padding; comes with
                `overlap`, and with cuts between words or sentences only. int64 (batch, segments, 2)

        Returns:
            Word vectors, zeros in the padding. (batch, words, dim)

        Raises:
            ValueError: The tensors do not fit each other, the transformer or `max_length`.
        """
        hidden = self._matched_embedder(token_ids, wordpiece_mask, type_ids, segment_concat_mask, segment_spans)
        return pool_words(hidden, _half_open(offsets, mask.bool(), wordpiece_mask.bool()), self.sub_token_mode)

    def segment_outputs(self, *, output_attentions: bool = False, **tensors: Tensor) -> SegmentOutputs:
        """Run one batch and return all layers of every segment, over wordpieces, before stitching.

        Args:
            output_attentions: Return the attentions too: those among the wordpieces of each segment.
            **tensors: Those of `forward`.

        Raises:
            ValueError: There are no wordpieces, the tensors do not fit, or the transformer gives no attentions.
        """
        matched = {name: tensor for name, tensor in tensors.items() if name not in ("offsets", "wordpiece_mask")}
        matched["mask"] = tensors["wordpiece_mask"]
        return self._matched_embedder.segment_outputs(output_attentions=output_attentions, **matched)


def _half_open(offsets: Tensor, mask: Tensor, wordpiece_mask: Tensor) -> Tensor:
    """Return half-open spans, empty for padding and for words without wordpieces. (batch, words, 2)"""
    if offsets.shape != (*mask.shape, 2):
        raise ValueError(f"offsets: got shape {tuple(offsets.shape)}; expected that of mask and 2, {(*mask.shape, 2)}")
    firsts, lasts = offsets.unbind(-1)
    present = mask & (firsts >= 0)
    beyond = present & ((lasts < firsts) | (lasts >= wordpiece_mask.sum(1, keepdim=True)))
    if beyond.any():
        document, word = beyond.nonzero()[0].tolist()
        raise ValueError(
            f"offsets: word {word} of document {document} spans wordpieces {offsets[document, word].tolist()}; "
            f"expected first <= last < {int(wordpiece_mask[document].sum())}, the real wordpieces of that document"
        )
    spans = offsets + offsets.new_tensor([0, 1])
    return spans.masked_fill(~present.unsqueeze(-1), 0)
