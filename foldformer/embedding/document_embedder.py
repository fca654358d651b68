"""Documents in, vectors out: for any number of documents of any length, in bounded memory."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from importlib.metadata import version
from typing import Any, Protocol, cast

import numpy as np
import torch
from overrides import overrides
from torch import Tensor
from transformers import PretrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

from foldformer.choices import (
    BackendName,
    Cut,
    DocumentMode,
    EmbeddingDtype,
    Layers,
    Level,
    OverlapMode,
    PieceMode,
    PoolMode,
    SpanMode,
)
from foldformer.config import AtLeastOne, Experiment, NotNegative, Problem, refuse
from foldformer.config.nearest import show
from foldformer.embedding.calibration import calibration_sample
from foldformer.embedding.cutting import Document, DocumentCutter
from foldformer.embedding.embedded_document import EmbeddedDocument
from foldformer.embedding.embedder_options import (
    check_batch_tokens,
    check_choices,
    describe_spans,
    describe_windows,
    find_device,
    problems_of_arithmetic,
    problems_of_embedder,
    problems_of_pooling,
    problems_of_spans,
)
from foldformer.embedding.look_ahead import gathered, guess_wordpieces
from foldformer.embedding.place_finder import PlaceFinder
from foldformer.embedding.pooling.model import own_pooling
from foldformer.embedding.pooling.special import SpecialPooling, plan_pooling
from foldformer.embedding.prefetch import prefetched
from foldformer.embedding.span_cutting import SpanCutter
from foldformer.embedding.window import Window
from foldformer.embedding.window_run import WindowRun
from foldformer.engine.backends.backend import Backend
from foldformer.engine.backends.frozen import FrozenBackend
from foldformer.engine.backends.openvino import OpenVinoBackend
from foldformer.engine.precision import resolve_dtype
from foldformer.engine.scalar_mix import ScalarMix
from foldformer.engine.segments import UNLIMITED_MAX_LENGTH
from foldformer.engine.transformer_facts import num_type_ids
from foldformer.engine.weights_fingerprint import fingerprint_weights
from foldformer.engine.windows.cuts import Windowing, check_overlap
from foldformer.models import TokenEmbedder
from foldformer.text import Tokenizer
from foldformer.text.pretrained import name_of, tokenizer_of
from foldformer.text.special_tokens import find_special_tokens
from foldformer.text.splitters import Splitter
from foldformer.text.splitters.cut_places import sentence_splitter_of
from foldformer.text.tokenizers import WhitespaceTokenizer

OPENVINO_AFTER = 10_000
"""Wordpieces before `backend="auto"` takes OpenVINO, whose graph takes as long to load as so many take to run. They are
guessed from the documents where their number is known, else counted as they come."""

TINY = 1e-12
"""Least length that a vector is divided by."""
PACKAGES = ("foldformer", "torch", "transformers", "tokenizers")
"""Their versions belong to what was made with them."""

logger = logging.getLogger(__name__)


class SegmentEmbedder(Protocol):
    """What is used of the registered embedder "pretrained_transformer"."""

    config: PretrainedConfig
    position_limit: int | None
    transformer_model: PreTrainedModel
    scalar_mix: ScalarMix | None

    def get_output_dim(self) -> int:
        """Return the width of the vectors."""

    def state_dict(self) -> dict[str, Tensor]:
        """Return all weights by name."""


@Experiment.register("embed")
class DocumentEmbedder(Experiment):
    """Embed documents with a pretrained transformer; nothing is ever truncated.

    Segments of many documents share micro-batches, tokenizing runs ahead in a thread, and results come in input order.

    Args:
        model_name: Folder, name in the local cache, or name on the hub; in Python also a model of transformers, which
            is frozen and moved to the device, in its own dtype.
        max_length: Longest segment, in wordpieces, special tokens included; None takes all the positions that the
            transformer has, 512 where it sets no limit.
        level: What gets a vector: every wordpiece, every word, every span, or the document.
        layers: "last", or "mix" for the mean of all layers (a scalar mix with its initial weights).
        word_mode: How a word's wordpieces become one vector, at level "word".
        document_mode: How a document's wordpieces become one vector, at level "document": "cls" takes the token that
            stands for all of it, of its first segment (XLNet: of its last), "cls_pooled" sends that through the
            transformer's own pooling layer, "attention" weighs by what `foldformer export` wrote beside the transformer
            of a classifier with that encoder, "model" does as the `modules.json` of sentence-transformers beside the
            model says.
        word_tokenizer: Splits strings into words, at level "word"; at whitespace by default. Lists of words are taken
            as they are.
        dtype: What the transformer computes in; "int8" quantizes it for OpenVINO. Vectors come as float32 anyway.
        device: "cuda", "cpu", ...; a GPU if there is one by default.
        batch_tokens: Most wordpieces in one micro-batch, padding included; None takes what is best on the device.
        backend: What runs the transformer: "torch"; "openvino", on processors, with the extra of that name; or "auto",
            which takes OpenVINO where it is installed, gives PyTorch's numbers, and a call of `embed` is long enough
            to repay loading it, `OPENVINO_AFTER` wordpieces.
        calibration: A file with a text to measure activations on, for dtype "int8"; None takes one that comes along.
        embedder: Further parameters of the embedder "pretrained_transformer", for instance `sub_module`.
        overlap: Content wordpieces that neighbouring segments share.
        overlap_mode: What becomes of the vectors of a wordpiece that several segments hold: their "average"; that of
            the segment where it is farthest from an edge, "max_context"; or their mean "weighted" by that distance.
        cut: Where segments may end: at any "wordpiece"; at a "word"; at a "sentence" where that leaves a segment at
            least half full, else at a word; or at any, with segments that are "even" instead of a short last one.
        sentence_splitter: Finds sentences for that cut; by a rule unless given.
        spans: Finds the spans of documents that come without, at level "span".
        span_mode: How a span's wordpieces become one vector, at level "span"; "endpoints" puts those of the first and
            the last beside each other.
        normalize: Give every vector the length 1, but for zeros.
        tokenizer: Of a model that is given as an object; by default that of the name which the model was loaded by.
        pool_special_tokens: Count the special tokens at both ends of a document too, at level "document".

    Raises:
        ConfigurationError: No such model, or options that do not fit it or each other.
    """

    def __init__(
        self,
        model_name: str | PreTrainedModel,
        *,
        max_length: AtLeastOne | None = None,
        level: Level = "wordpiece",
        layers: Layers = "last",
        word_mode: PieceMode = "avg",
        document_mode: DocumentMode = "avg",
        word_tokenizer: Tokenizer | None = None,
        dtype: EmbeddingDtype = "float32",
        device: str | None = None,
        batch_tokens: AtLeastOne | None = None,
        backend: BackendName = "auto",
        calibration: str | None = None,
        embedder: dict[str, Any] | None = None,
        overlap: NotNegative = 0,
        overlap_mode: OverlapMode = "average",
        cut: Cut = "wordpiece",
        sentence_splitter: Splitter | None = None,
        spans: Splitter | None = None,
        span_mode: SpanMode = "avg",
        normalize: bool = False,
        tokenizer: PreTrainedTokenizerBase | None = None,
        pool_special_tokens: bool = False,
    ) -> None:
        if document_mode == "model":
            own = own_pooling(name_of(model_name))
            document_mode, pool_special_tokens = own.document_mode, own.pool_special_tokens
            normalize, max_length = normalize or own.normalize, max_length or own.max_length
            if not overlap:
                overlap, overlap_mode = own.overlap, own.overlap_mode if own.overlap else overlap_mode
        check_choices(level=level, layers=layers, word_mode=word_mode, document_mode=document_mode)
        check_choices(span_mode=span_mode, dtype=dtype, backend=backend, overlap_mode=overlap_mode, cut=cut)
        check_batch_tokens(batch_tokens)
        refuse(problems_of_arithmetic(dtype, backend, calibration))
        refuse(problems_of_spans(level, spans))
        refuse(problems_of_pooling(document_mode, layers))
        refuse(problems_of_embedder(name_of(model_name), embedder or {}))
        self._device = find_device(device)
        quantized = dtype == "int8"
        computed = resolve_dtype("auto" if dtype == "int8" else dtype, self._device)
        dtype_name = "float32" if quantized else str(computed).removeprefix("torch.")
        options = {"max_length": max_length, "dtype": dtype_name, "max_batch_tokens": batch_tokens, **(embedder or {})}
        options.update(train_parameters=False, last_layer_only=layers == "last")
        tokenizer = tokenizer_of(model_name, tokenizer, options.get("tokenizer_kwargs"))
        module = TokenEmbedder.by_name("pretrained_transformer")(model_name, tokenizer=tokenizer, **options)
        self._embedder = cast("SegmentEmbedder", module.to(self._device).eval())
        self._max_length = max_length or self._embedder.position_limit or UNLIMITED_MAX_LENGTH
        special = find_special_tokens(tokenizer, options.get("verification_tokens"))
        knows_types = num_type_ids(self._embedder.transformer_model) > 1
        self._special = special if knows_types else special.without_types()
        check_overlap(overlap, self._max_length, special.num_single)
        self.windowing = Windowing(self._max_length - special.num_single, overlap, cut)
        self._overlap_mode: OverlapMode = overlap_mode
        words = word_tokenizer or WhitespaceTokenizer()
        sentences = sentence_splitter_of(cut, sentence_splitter)
        places = PlaceFinder(cut, sentences)
        self._cutter: DocumentCutter | SpanCutter = DocumentCutter(tokenizer, level, words, places)
        if level == "span":
            self._cutter = SpanCutter(tokenizer, spans, places)
        self._mode: PoolMode = span_mode if level == "span" else word_mode
        self._special_pooling: SpecialPooling | None = None
        if level == "document":
            self._mode, self._special_pooling = plan_pooling(
                document_mode,
                name_of(model_name),
                self._embedder.transformer_model,
                tokenizer,
                special,
                pool_special_tokens=pool_special_tokens,
            )
        self._normalizes = normalize
        self.backend: BackendName = "openvino" if quantized else backend
        sample = calibration_sample(tokenizer, self._special, self._max_length, calibration) if quantized else None
        self._backends = FrozenBackend(
            self._embedder.transformer_model,
            self._embedder.scalar_mix,
            dtype=computed,
            longest=self._max_length,
            max_batch_tokens=batch_tokens,
            calibration=sample,
        )
        self.dim = self._embedder.get_output_dim() * (2 if self._mode == "endpoints" else 1)
        self.description: dict[str, Any] = {
            "model": name_of(model_name),
            "revision": getattr(self._embedder.config, "_commit_hash", None),
            "max_length": self._max_length,
            "level": level,
            "layers": layers,
            "mode": {"document": document_mode, "span": span_mode, "word": word_mode}.get(level),
            "word_tokenizer": type(words).__name__ if level == "word" else None,
            "dtype": dtype if quantized else dtype_name,
            "embedder": dict(embedder or {}),
            "batch_tokens": batch_tokens,
            "compiled": False,  # in all corpora so far
            "versions": {name: version(name) for name in PACKAGES},
            **({} if sample is None else {"calibration": sample.checksum}),
            **describe_windows(self.windowing, overlap_mode, sentences),
            **describe_spans(spans, normalizes=normalize),
            **({"pool_special_tokens": True} if self._special_pooling and pool_special_tokens else {}),
        }

    @classmethod
    @overrides
    def check_block(cls, block: Mapping[str, Any]) -> list[Problem]:
        """What is wrong with the options that are handed to the embedder."""
        arithmetic = (block.get("dtype", "float32"), block.get("backend", "auto"), block.get("calibration"))
        return [
            *problems_of_arithmetic(*arithmetic),
            *problems_of_spans(block.get("level", "wordpiece"), block.get("spans")),
            *problems_of_pooling(block.get("document_mode", "avg"), block.get("layers", "last")),
            *problems_of_embedder(block.get("model_name", ""), block.get("embedder") or {}),
        ]

    @property
    def device_type(self) -> str:
        """What the transformer runs on: "cpu", "cuda", ...; on another, sums are rounded differently."""
        return self._device.type

    @classmethod
    def from_model(
        cls,
        name_or_folder: str,
        *,
        max_length: int | None = None,
        level: Level = "wordpiece",
        layers: Layers = "last",
        dtype: EmbeddingDtype = "float32",
        device: str | None = None,
        batch_tokens: int | None = None,
        backend: BackendName = "auto",
    ) -> "DocumentEmbedder":
        """Make one from the name of a model and the options that most people need."""
        return cls(
            name_or_folder,
            max_length=max_length,
            level=level,
            layers=layers,
            dtype=dtype,
            device=device,
            batch_tokens=batch_tokens,
            backend=backend,
        )

    def embed(self, documents: Iterable[Document]) -> Iterator[EmbeddedDocument]:
        """Embed documents, one after the other or many at once, in bounded memory.

        Args:
            documents: Strings, lists of words, or `Spanned` at level "span". Read a little ahead of what is yielded, in
                another thread. Where they end in an error, what was read before comes first.

        Yields:
            One result a document, in order.

        Raises:
            ValueError: A document is neither a string nor words, or holds half a surrogate pair; or all of them are one
                string.
        """
        if isinstance(documents, (str, bytes)):
            raise ValueError(
                f"documents: got the text {show(documents)}, whose documents would be its characters; expected a list "
                "of documents, as in embed([text])"
            )
        return self._embed(documents)

    def _embed(self, documents: Iterable[Document]) -> Iterator[EmbeddedDocument]:
        # Decided by the documents alone, so that the same ones always come out the same.
        known, seen = sum(map(guess_wordpieces, documents)) if isinstance(documents, Sequence) else 0, 0
        backend = self._backend_for(known)
        windows = self._windows(documents, backend)
        if backend.has_threads:
            for run in prefetched(windows, lambda window: self._begin(self._prepare(window), backend)):
                yield from self._finish(run)
            return
        for window in prefetched(windows, self._prepare):
            yield from self._finish(self._begin(window, self._backend_for(max(known, seen))))
            seen += window.num_wordpieces

    def _backend_for(self, num_wordpieces: int) -> Backend:
        if self.backend == "auto" and num_wordpieces < OPENVINO_AFTER:
            return self._backends.get("torch")
        return self._backends.get(self.backend)

    def settled(self, num_wordpieces: int = 0, before: BackendName | None = None) -> "DocumentEmbedder":
        """Return an embedder with the same weights that has one backend for all calls, which `description` names.

        Args:
            num_wordpieces: About how many there will be.
            before: What the calls before these took, in a run that goes on.

        Raises:
            ConfigurationError: OpenVINO was asked for and cannot be had.
        """
        name = self.backend
        if name == "auto" and (before == "torch" or (before is None and num_wordpieces < OPENVINO_AFTER)):
            name = "torch"
        twin = copy(self)
        runs_openvino = isinstance(self._backends.get(name), OpenVinoBackend)
        twin.backend = "openvino" if runs_openvino else "torch"
        if runs_openvino:
            versions = {**self.description["versions"], "openvino": version("openvino")}
            twin.description = {**self.description, "backend": "openvino", "versions": versions}
        return twin

    def weights_fingerprint(self) -> str:
        """Return a checksum of all weights: two embedders that share it give the same vectors from the same options."""
        weights = dict(self._embedder.state_dict())
        if self._special_pooling is not None and self._special_pooling.attention is not None:
            weights |= self._special_pooling.attention.state_dict(prefix="attention.")
        return fingerprint_weights(weights)

    def _windows(self, documents: Iterable[Document], backend: Backend) -> Iterator[list[Document]]:
        takes_spans = isinstance(self._cutter, SpanCutter)
        return gathered(documents, backend.block_tokens, takes_spans=takes_spans)

    def _prepare(self, documents: Sequence[Document]) -> Window:
        cut = self._cutter.cut(documents)  # type: ignore[arg-type]  # `gathered` has refused what does not fit
        return Window(cut, self._special, self.windowing, self._overlap_mode, self._mode, self._special_pooling)

    def _begin(self, window: Window, backend: Backend) -> WindowRun:
        return WindowRun(window, backend, self._device, self._embedder.get_output_dim())

    def _finish(self, run: WindowRun) -> Iterator[EmbeddedDocument]:
        window = run.window
        with torch.inference_mode():
            vectors = run.vectors().numpy()
        if self._normalizes:
            vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), TINY)
        ends = np.cumsum([len(document.piece_lengths) for document in window.documents])
        for document, end, segments in zip(window.documents, ends.tolist(), window.num_segments(), strict=True):
            own = vectors[end - len(document.piece_lengths) : end]
            if document.are_pieces is not None:
                own = own[document.are_pieces]
            yield EmbeddedDocument(
                document.pieces,
                None if document.characters is None else document.characters[:, 0],
                None if document.characters is None else document.characters[:, 1],
                # a copy, so that one document kept does not keep its whole window
                own if len(window.documents) == 1 else own.copy(),
                len(document.ids),
                segments,
            )
