"""One contextual vector a wordpiece, for text of any length."""

from collections.abc import Iterator, Mapping
from os import PathLike
from typing import Any, get_args

import numpy as np
import torch
from overrides import overrides
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from embedders.batch_reading import BatchLayout
from embedders.cache_keys import cache_keys
from embedders.folded_batch import FoldedBatch
from embedders.input_checks import IdLimits
from embedders.option_problems import problems_of_options
from embedders.saved_options import OnHub, read_options, write_options
from embedders.segment_spans import windows_of
from embedders.tokenizer_rows import FoldedRows, Frame, fold_rows
from embedders.transformer_parts import (
    check_positions,
    checked_max_length,
    is_replica,
    mix_of_layers,
    outermost_training,
    part_of,
    set_checkpointing,
)
from foldformer.choices import BackendName, DtypeName, OverlapMode
from foldformer.config import AtLeastOne, NotNegative, Problem, refuse
from foldformer.config.choice import check_choice
from foldformer.engine.backends.backend import Backend
from foldformer.engine.backends.frozen import FrozenBackend
from foldformer.engine.backends.pytorch import PyTorchBackend
from foldformer.engine.micro_batches import FlatWordpieces
from foldformer.engine.precision import resolve_dtype
from foldformer.engine.scalar_mix import ScalarMix
from foldformer.engine.segment_outputs import SegmentOutputs, run_all_layers
from foldformer.engine.segments import (
    UNLIMITED_MAX_LENGTH,
    Segments,
    SpecialTokenCounts,
    padded_index,
    stitch_index,
)
from foldformer.engine.stitching import add_rows, gather_rows, scatter_rows
from foldformer.engine.transformer_facts import dtype_of, is_trainable, num_ids, num_type_ids
from foldformer.engine.trial_run import try_out
from foldformer.engine.vector_cache import VectorCache
from foldformer.engine.vocabulary_rows import fit_vocabulary
from foldformer.engine.weights_fingerprint import WeightsFingerprint
from foldformer.engine.windows.cuts import check_overlap
from foldformer.engine.windows.overlap import share_rows
from foldformer.models import TokenEmbedder
from foldformer.text.pretrained import load_transformer, name_of, tokenizer_of
from foldformer.text.special_tokens import find_special_tokens

_SAVED = ("max_length", "last_layer_only", "dtype", "overlap", "overlap_mode")


@TokenEmbedder.register("pretrained_transformer")
class PretrainedTransformerEmbedder(TokenEmbedder, OnHub):
    """Run a pretrained transformer over segments of at most `max_length` wordpieces and stitch what comes out.

        document      a b c d e f g                     max_length 5 = 3 wordpieces + 2 special tokens
        folded        [CLS] a b c [SEP]  [CLS] d e f [SEP]  [CLS] g [SEP]
        stitched      [CLS] a b c d e f g [SEP]

    Give the matching `PretrainedTransformerIndexer` the same `model_name` and `max_length`. Segments run in
    micro-batches sorted by length, so nothing is computed for the padding of short documents, and a document's length
    is limited by the memory for its output alone.

    Source: `PretrainedTransformerEmbedder` of AllenNLP 2.10.1, whose parameters, numbers and state-dict keys it keeps;
    departs from it where that one crashes (empty documents, tokenizers without special tokens).

    Args:
        model_name: Folder, name in the local cache, or name on the hub; in Python also a model of transformers, which
            is run and trained as it is, without its head.
        max_length: Longest segment, in wordpieces, special tokens included; None runs every document whole.
        sub_module: Name of the part of the transformer to run, "encoder" for T5 and BART.
        train_parameters: False freezes the transformer: no gradients, and dropout off whatever `train()` says. The
            scalar mix stays trainable.
        eval_mode: True keeps the transformer in evaluation mode, while its parameters still train.
        last_layer_only: False gives a scalar mix of all layers, the embedding layer left out.
        override_weights_file: State dict to load instead of the pretrained weights: torch, safetensors or Lightning.
        override_weights_strip_prefix: Keep only that file's keys with this prefix, and cut it off.
        reinit_modules: Number of last layers, layer indices, or regular expressions of module names to initialize anew.
        load_weights: False gives random weights, for a state dict to replace.
        gradient_checkpointing: Recompute activations in the backward pass: less memory, more time. None leaves the
            transformer as it is.
        tokenizer_kwargs: Handed to `AutoTokenizer.from_pretrained`.
        transformer_kwargs: Handed to `AutoModel.from_pretrained`; entries of the configuration may be among them.
        dtype: Of parameters and output; "auto" is bfloat16 where the hardware computes in it.
        max_batch_tokens: Most wordpieces in one micro-batch, padding included; None takes what is best on the device.
        cache_frozen: True keeps the vectors of every document on disk, so that they are computed in the first epoch
            only; for frozen transformers without a scalar mix.
        cache_folder: Where they are kept, for other runs too; None takes a folder that goes with the process.
        backend: What runs the transformer when nothing trains: "torch"; "openvino", on processors, with the extra of
            that name; or "auto", which takes OpenVINO for a frozen transformer where it gives PyTorch's numbers.
        verification_tokens: Two texts to find the special tokens with, where these are not found without.
        overlap: Content wordpieces that neighbouring segments share; the indexer needs the same value.
        overlap_mode: What becomes of the vectors of a wordpiece that several segments hold: their "average"; that of
            the segment where it is farthest from an edge, "max_context"; or their mean "weighted" by that distance.
        tokenizer: Of a model that is given as an object; by default that of the name which the model was loaded by.

    Raises:
        ConfigurationError: No such model or `sub_module`, a `max_length` that the transformer cannot take, an `overlap`
            that is not below the content of a segment, or `cache_frozen` where vectors change while training.
    """

    authorized_missing_keys = [r"position_ids$"]  # noqa: RUF012 - a class attribute by contract

    def __init__(
        self,
        model_name: str | PreTrainedModel,
        *,
        max_length: AtLeastOne | None = None,
        sub_module: str | None = None,
        train_parameters: bool = True,
        eval_mode: bool = False,
        last_layer_only: bool = True,
        override_weights_file: str | None = None,
        override_weights_strip_prefix: str | None = None,
        reinit_modules: int | tuple[int, ...] | tuple[str, ...] | None = None,
        load_weights: bool = True,
        gradient_checkpointing: bool | None = None,
        tokenizer_kwargs: dict[str, Any] | None = None,
        transformer_kwargs: dict[str, Any] | None = None,
        dtype: DtypeName = "float32",
        max_batch_tokens: AtLeastOne | None = None,
        cache_frozen: bool = False,
        cache_folder: str | None = None,
        backend: BackendName = "torch",
        verification_tokens: tuple[str, str] | None = None,
        overlap: NotNegative = 0,
        overlap_mode: OverlapMode = "average",
        tokenizer: PreTrainedTokenizerBase | None = None,
    ) -> None:
        super().__init__()
        refuse(
            problems_of_options(
                {
                    "cache_frozen": cache_frozen,
                    "cache_folder": cache_folder,
                    "train_parameters": train_parameters,
                    "last_layer_only": last_layer_only,
                    "max_length": max_length,
                    "overlap": overlap,
                }
            )
        )
        transformer = load_transformer(
            model_name,
            override_weights_file=override_weights_file,
            override_weights_strip_prefix=override_weights_strip_prefix,
            reinit_modules=reinit_modules,
            load_weights=load_weights,
            **{"dtype": resolve_dtype(dtype), **(transformer_kwargs or {})},
        )
        self.config = transformer.config
        self.transformer_model = part_of(transformer, sub_module, name_of(model_name))
        self._is_whole = self.transformer_model is transformer
        tokenizer = tokenizer_of(model_name, tokenizer, tokenizer_kwargs)
        self._tokenizer = tokenizer
        found = try_out(self.transformer_model)
        if isinstance(model_name, str):
            fit_vocabulary(self.transformer_model, tokenizer, warns=load_weights)
        self.output_dim: int = found.width
        self.position_limit = found.position_limit
        self._scalar_mix = None if last_layer_only else mix_of_layers(found.num_layers)
        special = find_special_tokens(tokenizer, verification_tokens)
        self._frame = Frame(*(tuple(t.id for t in part) for part in (special.single_start, special.single_end)))
        self._special_tokens = SpecialTokenCounts(len(special.single_start), len(special.single_end))
        self._num_tokenizer_types = special.num_types
        self.max_length = checked_max_length(max_length, self._special_tokens.total, self.position_limit)
        check_overlap(overlap, max_length, self._special_tokens.total)
        check_choice("overlap_mode", overlap_mode, get_args(OverlapMode))
        self._overlap, self._overlap_mode = overlap, overlap_mode
        self.train_parameters = train_parameters
        self.eval_mode = eval_mode
        if not train_parameters:
            self.transformer_model.requires_grad_(False)
        if gradient_checkpointing is not None:
            set_checkpointing(self.transformer_model, gradient_checkpointing)
        self._max_batch_tokens = max_batch_tokens
        self._cache = VectorCache(cache_folder) if cache_frozen else None
        self._fingerprint = WeightsFingerprint()
        self._backend: BackendName = backend
        self._frozen_backend = FrozenBackend(
            self.transformer_model,
            self._scalar_mix,
            dtype=dtype_of(self.transformer_model),
            longest=max_length or self.position_limit or UNLIMITED_MAX_LENGTH,
            max_batch_tokens=max_batch_tokens,
        )
        self.train(self.training)

    @classmethod
    @overrides
    def check_block(cls, block: Mapping[str, Any]) -> Iterator[Problem]:
        """A cache only where nothing changes, an overlap only where documents are cut."""
        return problems_of_options(block)

    @classmethod
    def from_pretrained(cls, name: str, **options: Any) -> "PretrainedTransformerEmbedder":
        """Load what `save_pretrained` wrote, or any transformer.

        Args:
            name: Folder, name in the local cache, or name on the hub.
            **options: Parameters of the constructor, in place of the saved ones.
        """
        saved, weights = read_options(name, _SAVED)
        embedder = cls(name, **(saved | options))
        if weights and embedder._scalar_mix is not None:
            embedder._scalar_mix.load_state_dict(weights)
        return embedder

    def save_pretrained(self, folder: str | PathLike[str]) -> None:
        """Write transformer, tokenizer, scalar mix and options; `AutoModel` and `AutoTokenizer` load the folder too.

        Raises:
            ValueError: Only a part of the transformer is here.
        """
        if not self._is_whole:
            raise ValueError("save_pretrained: got an embedder with a sub_module; expected one without")
        self.transformer_model.save_pretrained(folder)
        self._tokenizer.save_pretrained(folder)
        dtype = str(dtype_of(self.transformer_model)).removeprefix("torch.")
        values = self.max_length, self._scalar_mix is None, dtype, self._overlap, self._overlap_mode
        write_options(folder, dict(zip(_SAVED, values, strict=True)), self._scalar_mix)

    @property
    def scalar_mix(self) -> ScalarMix | None:
        """What mixes all layers; None where the last one is taken."""
        return self._scalar_mix

    @overrides
    def get_output_dim(self) -> int:
        """Return the width of the vectors."""
        return self.output_dim

    @overrides
    def train(self, mode: bool = True) -> "PretrainedTransformerEmbedder":
        """Switch to training, except for the parts that `eval_mode` and `train_parameters` keep in evaluation."""
        if mode != self.training:
            self._fingerprint.forget()
        super().train(mode)
        if self.eval_mode:
            self.transformer_model.train(False)
        elif not self.train_parameters:
            for part in self.transformer_model.children():
                part.train(False)
        return self

    def forward(
        self,
        token_ids: Tensor | None = None,
        mask: Tensor | None = None,
        type_ids: Tensor | None = None,
        segment_concat_mask: Tensor | None = None,
        segment_spans: Tensor | None = None,
        *,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
    ) -> Tensor:
        """Embed one batch, from an indexer or from a tokenizer of transformers.

        Args:
            token_ids: Wordpiece ids, segments one after the other. int64 (batch, folded wordpieces)
            mask: True where a stitched wordpiece is real. bool (batch, wordpieces)
            type_ids: Sentence A/B ids. int64 (batch, folded wordpieces)
            segment_concat_mask: True where a folded wordpiece is real; comes with `max_length` only.
                bool (batch, folded wordpieces)
            segment_spans: Half-open span of content wordpieces in each segment, (0, 0) in the padding; comes with
                `overlap`, and with cuts between words or sentences only. int64 (batch, segments, 2)
            input_ids: Rows of a tokenizer, not folded, in place of all these; or the only argument, without a name.
                Longer rows than `max_length` are folded here. int64 (batch, wordpieces)
            attention_mask: True or 1 where such a wordpiece is real; None: all are. (batch, wordpieces)
            token_type_ids: Sentence A/B ids of such rows. int64 (batch, wordpieces)

        Returns:
            Vectors, zeros in the padding. (batch, wordpieces, dim)

        Raises:
            ValueError: The tensors do not fit each other, the transformer or `max_length`.
        """
        if mask is None or token_ids is None:
            if any(each is not None for each in (mask, type_ids, segment_concat_mask, segment_spans)):
                raise ValueError("token_ids, mask: got an indexer's tensors without both of these; expected both")
            folded = self._fold(token_ids if input_ids is None else input_ids, attention_mask, token_type_ids)
            return folded.put_back(self.forward(**folded.tensors))
        batch = self._layout().read(token_ids, mask, type_ids, segment_concat_mask, segment_spans)
        if self._cache is None or is_trainable(self.transformer_model) or is_replica(self.transformer_model):
            return self._embed(batch)
        output = self._zeros(batch)
        rows = [row[:length] for row, length in zip(output, batch.stitched.tolist(), strict=True)]
        self._cache.fill(self._cache_keys(batch), rows, lambda missing: list(self._embed(batch.select(missing))))
        return output

    def segment_outputs(self, *, output_attentions: bool = False, **tensors: Tensor) -> SegmentOutputs:
        """Run one batch and return all layers of every segment, before stitching; for looking at, not for speed.

        Args:
            output_attentions: Return the attentions too: those among the wordpieces of each segment.
            **tensors: Those of `forward`, from an indexer or from a tokenizer of transformers.

        Raises:
            ValueError: There are no wordpieces, the tensors do not fit, or the transformer gives no attentions.
        """
        if "token_ids" not in tensors:
            tensors = self._fold(**tensors).tensors
        batch = self._layout().read(**tensors)
        segments = batch.segments(self.max_length, self._special_tokens)
        if len(segments) == 0:
            raise ValueError("token_ids: got no real wordpiece; expected some")
        check_positions(int(segments.lengths.max()), self.position_limit)
        with outermost_training(self.transformer_model, self.train_parameters):
            return run_all_layers(
                self.transformer_model, batch.wordpieces(), segments, output_attentions=output_attentions
            )

    def _fold(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
    ) -> FoldedRows:
        if input_ids is None:
            raise ValueError("input_ids: missing; expected them, or token_ids and mask")
        return fold_rows(input_ids, attention_mask, token_type_ids, self._frame, self.max_length, self._overlap)

    def _embed(self, batch: FoldedBatch) -> Tensor:
        """Fold, run, stitch. (batch, width, dim)"""
        if batch.spans is not None:
            return self._embed_windows(batch, windows_of(batch.spans))
        segments = batch.segments(self.max_length, self._special_tokens)
        if len(segments) == 0:
            return self._zeros(batch)
        check_positions(int(segments.lengths.max()), self.position_limit)
        wordpieces = batch.wordpieces()
        num_rows = segments.num_rows
        rows = stitch_index(segments, batch.folded, self._special_tokens)
        index = torch.from_numpy(padded_index(rows, batch.stitched, batch.width, padding=num_rows))
        index = index.to(batch.token_ids.device)
        chunks = self.run_segments(wordpieces, segments)
        if torch.is_grad_enabled() and is_trainable(self):
            return gather_rows(chunks, index)
        return scatter_rows(chunks, index, num_rows)

    def _embed_windows(self, batch: FoldedBatch, windows: Segments) -> Tensor:
        """Run segments that share wordpieces or are cut at words, and add up what they say. (batch, width, dim)"""
        if len(windows) == 0:
            return self._zeros(batch)
        segments = batch.segments(self.max_length, self._special_tokens)
        check_positions(int(segments.lengths.max()), self.position_limit)
        content = batch.stitched - self._special_tokens.total
        shares = share_rows(windows, np.maximum(content, 0), self._special_tokens, self._overlap_mode, batch.width)
        places, weights = (
            torch.from_numpy(each).to(batch.token_ids.device) for each in (shares.places, shares.weights)
        )
        chunks = self.run_segments(batch.wordpieces(), segments)
        return add_rows(chunks, places, weights, len(batch.token_ids) * batch.width).view(*self._shape(batch))

    def _shape(self, batch: FoldedBatch) -> tuple[int, int, int]:
        return len(batch.token_ids), batch.width, self.output_dim

    def _zeros(self, batch: FoldedBatch) -> Tensor:
        return torch.zeros(self._shape(batch), dtype=dtype_of(self.transformer_model), device=batch.token_ids.device)

    def _cache_keys(self, batch: FoldedBatch) -> list[bytes]:
        special = self._special_tokens
        lengths = (self.max_length, special.start, special.end, batch.type_ids is None)
        folding = (lengths,) if batch.spans is None else (lengths, self._overlap_mode)
        return cache_keys(batch, self.transformer_model, self.config, self._fingerprint.value(self), folding)

    def run_segments(self, wordpieces: FlatWordpieces, segments: Segments) -> Iterator[tuple[Tensor, Tensor]]:
        """Run segments without stitching them; see `Backend.run`."""
        with outermost_training(self.transformer_model, self.train_parameters):
            yield from self._backend_now().run(wordpieces, segments)

    def _backend_now(self) -> Backend:
        """Return PyTorch where anything trains, and what was asked for otherwise."""
        trainable = is_trainable(self.transformer_model)
        trains = self.transformer_model.training or (torch.is_grad_enabled() and is_trainable(self))
        if self._backend == "torch" or trains or (self._backend == "auto" and trainable):
            # made anew, as whoever shards or copies this module may have replaced the transformer
            return PyTorchBackend(self.transformer_model, self._scalar_mix, self._max_batch_tokens)
        return self._frozen_backend.get(self._backend, self._fingerprint.value(self))

    def _layout(self) -> BatchLayout:
        limits = IdLimits(
            num_ids(self.transformer_model), num_type_ids(self.transformer_model), self._num_tokenizer_types
        )
        return BatchLayout(self.max_length, self._special_tokens, self._overlap, limits)
