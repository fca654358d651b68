"""An encoder for text features of Ludwig: `encoder: {type: foldformer}`, once this module is imported."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, get_args

import torch
from torch import Size, Tensor

from foldformer.choices import OverlapMode
from foldformer.config import ConfigurationError
from foldformer.config.nearest import did_you_mean, one_of, show
from foldformer.config.optional import import_optional
from foldformer.models import TokenEmbedder
from foldformer.nn import Seq2VecEncoder
from foldformer.nn.masks import without_ends
from foldformer.text.pretrained import load_tokenizer
from foldformer.text.special_tokens import find_special_tokens

_base: Any = import_optional("ludwig.encoders.base", extra="ludwig")
_registry: Any = import_optional("ludwig.encoders.registry", extra="ludwig")
_schema: Any = import_optional("ludwig.schema.encoders.text_encoders", extra="ludwig")
_fields: Any = import_optional("ludwig.schema.utils", extra="ludwig")
_tokenizers: Any = import_optional("ludwig.utils.tokenizers", extra="ludwig")

Reduction = Literal["cls_pooled", "mean", "avg", "max", "sum", "first", "last", "attention", "concat"]
_VECTORS = {"mean": "mean", "avg": "mean", "max": "max", "sum": "sum", "first": "cls_pooler", "last": "last"}
_VECTORS["attention"] = "attention"
_ENTRIES = (
    *("vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "hidden_act"),
    *("hidden_dropout_prob", "attention_probs_dropout_prob", "max_position_embeddings", "type_vocab_size"),
    *("initializer_range", "layer_norm_eps", "pad_token_id", "classifier_dropout"),
)
_OF_LUDWIG = ("vocab", "pad_idx", "num_tokens", "str2freq", "str2idf", "skip", "name")
"""What Ludwig puts into an encoder's configuration by itself."""

_WHOLE = "foldformer:"
"""Stands before the name of a tokenizer that is not to truncate."""

_ludwigs_own: Any = _tokenizers.tokenizer_registry["hf_tokenizer"]


class WholeTextTokenizer(_tokenizers.HFTokenizer):  # type: ignore[misc]
    """Tokenize texts of any length; Ludwig's own tokenizer truncates them at the model's positions."""

    def __call__(self, text: str) -> list[int]:
        """Return the ids of a text, special tokens included."""
        ids: list[int] = self.tokenizer.encode(text, truncation=False, verbose=False)
        return ids


def _tokenizer(pretrained_model_name_or_path: str, **kwargs: Any) -> Any:
    name = pretrained_model_name_or_path
    if str(name).startswith(_WHOLE):
        return WholeTextTokenizer(name.removeprefix(_WHOLE))
    return _ludwigs_own(pretrained_model_name_or_path=name, **kwargs)


_tokenizers.tokenizer_registry["hf_tokenizer"] = _tokenizer


@_schema.register_encoder_config("foldformer", "text")
class FoldformerEncoderConfig(_schema.HFEncoderConfig):  # type: ignore[misc]
    """Parameters of the encoder `foldformer`: those of Ludwig's `bert`, and those of the embedder."""

    type: str = _fields.ProtectedString("foldformer")
    pretrained_model_name_or_path: str = _fields.String(
        description="Folder, name in the local cache, or name on the hub.", default="bert-base-uncased"
    )
    use_pretrained: bool = _fields.Boolean(description="False: random weights.", default=True)
    saved_weights_in_checkpoint: bool = _fields.Boolean(
        description="Weights come from the saved model; Ludwig sets it.", default=False
    )
    trainable: bool = _fields.Boolean(description="Train the transformer too.", default=False)
    reduce_output: str | None = _fields.String(
        description="How vectors become one.", default="cls_pooled", allow_none=True
    )
    max_sequence_length: int | None = _fields.PositiveInteger(
        description="Cut texts at so many wordpieces; null: never.", default=None, allow_none=True
    )
    pretrained_kwargs: dict[str, Any] | None = _fields.Dict(
        description="Handed to AutoModel.from_pretrained.", default=None
    )
    vocab: list[Any] | None = _fields.List(description="Ludwig sets it.", default=None)
    max_length: int | None = _fields.PositiveInteger(
        description="Longest segment, in wordpieces.", default=None, allow_none=True
    )
    overlap: int = _fields.NonNegativeInteger(description="Content wordpieces that segments share.", default=0)
    overlap_mode: str = _fields.String(description="What becomes of shared wordpieces.", default="average")
    last_layer_only: bool = _fields.Boolean(description="False: a trained mix of all layers.", default=True)
    cache_frozen: bool = _fields.Boolean(description="Keep vectors on disk.", default=False)
    cache_folder: str | None = _fields.String(description="Where.", default=None, allow_none=True)

    # entries of the transformer's configuration, for use_pretrained: false
    vocab_size: int | None = _fields.PositiveInteger(
        description="Entry of the configuration.", default=None, allow_none=True
    )
    hidden_size: int | None = _fields.PositiveInteger(
        description="Entry of the configuration.", default=None, allow_none=True
    )
    num_hidden_layers: int | None = _fields.PositiveInteger(
        description="Entry of the configuration.", default=None, allow_none=True
    )
    num_attention_heads: int | None = _fields.PositiveInteger(
        description="Entry of the configuration.", default=None, allow_none=True
    )
    intermediate_size: int | None = _fields.PositiveInteger(
        description="Entry of the configuration.", default=None, allow_none=True
    )
    hidden_act: str | None = _fields.String(description="Entry of the configuration.", default=None, allow_none=True)
    hidden_dropout_prob: float | None = _fields.FloatRange(
        description="Entry of the configuration.", default=None, allow_none=True, min=0, max=1
    )
    attention_probs_dropout_prob: float | None = _fields.FloatRange(
        description="Entry of the configuration.", default=None, allow_none=True, min=0, max=1
    )
    max_position_embeddings: int | None = _fields.PositiveInteger(
        description="Entry of the configuration.", default=None, allow_none=True
    )
    type_vocab_size: int | None = _fields.PositiveInteger(
        description="Entry of the configuration.", default=None, allow_none=True
    )
    initializer_range: float | None = _fields.NonNegativeFloat(
        description="Entry of the configuration.", default=None, allow_none=True
    )
    layer_norm_eps: float | None = _fields.NonNegativeFloat(
        description="Entry of the configuration.", default=None, allow_none=True
    )
    pad_token_id: int | None = _fields.Integer(description="Entry of the configuration.", default=None, allow_none=True)
    classifier_dropout: float | None = _fields.FloatRange(
        description="Entry of the configuration.", default=None, allow_none=True, min=0, max=1
    )

    @staticmethod
    def module_name() -> str:
        """Name under which Ludwig describes the encoder."""
        return "Foldformer"

    @classmethod
    def model_validate(cls, obj: Any, **kwargs: Any) -> Any:
        """Look for unknown keys and choices, which Ludwig drops, and note the first."""
        problem = _problem(obj, cls.get_valid_field_names()) if isinstance(obj, Mapping) else None
        made = super().model_validate(obj, **kwargs)
        if problem is not None:
            made.problem = problem  # Ludwig takes an error at this point for a feature of another kind
        return made

    def set_fixed_preprocessing_params(self, model_type: str, preprocessing: Any) -> None:
        """Have the whole text tokenized, and not cut at Ludwig's 256 wordpieces unless that is asked for."""
        problem = vars(self).get("problem")
        if problem is not None:
            raise ConfigurationError(problem)
        super().set_fixed_preprocessing_params(model_type, preprocessing)
        preprocessing.pretrained_model_name_or_path = f"{_WHOLE}{self.pretrained_model_name_or_path}"
        if self.max_sequence_length is not None:
            preprocessing.max_sequence_length = self.max_sequence_length
        elif preprocessing.max_sequence_length == type(preprocessing).model_fields["max_sequence_length"].default:
            preprocessing.max_sequence_length = None

    def can_cache_embeddings(self) -> bool:
        """Whether the encoder gives the same in every epoch."""
        return bool(super().can_cache_embeddings()) and self.last_layer_only


@_registry.register_encoder("foldformer", "text")
class FoldformerEncoder(_base.Encoder):  # type: ignore[misc]
    """Fold the wordpieces of a text, run a transformer over the segments, stitch, and make one vector of them.

    Args:
        max_sequence_length: Width of the rows that Ludwig gives, in wordpieces, special tokens included.
        pretrained_model_name_or_path: Folder, name in the local cache, or name on the hub.
        use_pretrained: False gives random weights, of the size that configuration entries say.
        saved_weights_in_checkpoint: Whether weights come from a saved model.
        trainable: Train the transformer too.
        reduce_output: How the wordpieces' vectors become one; None: they do not. Special tokens do not count, but for
            "cls_pooled".
        pretrained_kwargs: Handed to `AutoModel.from_pretrained`; entries of the configuration may be among them.
        max_length: Longest segment, in wordpieces; None takes all positions.
        overlap: Content wordpieces that neighbouring segments share.
        overlap_mode: What becomes of the vectors of a wordpiece that several segments hold.
        last_layer_only: False gives a trained mix of all layers.
        cache_frozen: Keep the vectors of a frozen transformer on disk.
        cache_folder: Where.
        encoder_config: The same, as Ludwig keeps it.
        **others: Entries of the transformer's configuration, and what Ludwig adds.

    Raises:
        ConfigurationError: No such model, or options that do not fit it.
    """

    config_class: ClassVar[Any] = FoldformerEncoderConfig

    def __init__(
        self,
        max_sequence_length: int,
        pretrained_model_name_or_path: str = "bert-base-uncased",
        use_pretrained: bool = True,
        saved_weights_in_checkpoint: bool = False,
        trainable: bool = False,
        reduce_output: Reduction | None = "cls_pooled",
        pretrained_kwargs: dict[str, Any] | None = None,
        max_length: int | None = None,
        overlap: int = 0,
        overlap_mode: OverlapMode = "average",
        last_layer_only: bool = True,
        cache_frozen: bool = False,
        cache_folder: str | None = None,
        encoder_config: Any = None,
        **others: Any,
    ) -> None:
        super().__init__()
        self.config = encoder_config
        self.max_sequence_length = max_sequence_length
        self.reduce_output = reduce_output
        name = pretrained_model_name_or_path
        entries = {key: others[key] for key in _ENTRIES if others.get(key) is not None and not use_pretrained}
        loads = use_pretrained and not saved_weights_in_checkpoint
        embedder: Any = TokenEmbedder.by_name("pretrained_transformer")
        options: dict[str, Any] = {"train_parameters": trainable, "last_layer_only": last_layer_only}
        options |= {"overlap": overlap, "overlap_mode": overlap_mode}
        options |= {"transformer_kwargs": {**(pretrained_kwargs or {}), **entries}, "load_weights": loads}
        positions = max_length or embedder(name, **{**options, "overlap": 0, "load_weights": False}).position_limit
        cache = {"cache_frozen": cache_frozen, "cache_folder": cache_folder}
        self.embedder = embedder(name, max_length=positions, **cache, **options)
        self.dim = int(self.embedder.get_output_dim())
        tokenizer = load_tokenizer(name)
        special = find_special_tokens(tokenizer)
        self._num_start, self._end = len(special.single_start), [token.id for token in special.single_end]
        pad: Any = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id
        self._pad_id = 0 if pad is None else int(pad)  # as Ludwig pads
        self._reduce: Any = _reducer(reduce_output, self.dim)
        if reduce_output == "cls_pooled" and getattr(self.embedder.transformer_model, "pooler", None) is None:
            raise ConfigurationError(f'reduce_output: got "cls_pooled", but {name} has no pooling layer; try "mean"')

    def forward(self, inputs: Tensor, mask: Tensor | None = None, **kwargs: Any) -> dict[str, Tensor]:
        """Encode a batch; Ludwig's mask takes padding for real, so it is found anew.

        Args:
            inputs: Wordpiece ids. int32 (batch, max_sequence_length)
            mask: Not used.
            **kwargs: What Ludwig may add.
        """
        del mask, kwargs
        ids, real = self._rows(inputs.long())
        vectors = self.embedder(ids, attention_mask=real)
        if self.reduce_output == "cls_pooled":
            return {"encoder_output": self.embedder.transformer_model.pooler(vectors)}
        content = without_ends(real, self._num_start, len(self._end))[:, self._num_start :]
        vectors = (vectors[:, self._num_start :] * content.unsqueeze(-1))[:, : self._width()]
        if self._reduce is not None:
            return {"encoder_output": self._reduce(vectors, content[:, : self._width()])}
        return {"encoder_output": vectors.flatten(1) if self.reduce_output == "concat" else vectors}

    def _rows(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """Move rows to the left and mask their padding; a row that Ludwig has cut gets its last special tokens back."""
        width = ids.shape[1]
        places = torch.arange(width, device=ids.device)
        held = ids != self._pad_id
        first = held.int().argmax(dim=1, keepdim=True)
        last = torch.where(held, places, -1).amax(dim=1, keepdim=True)
        ids = ids.gather(1, (places + first).clamp(max=width - 1))
        lengths = (last - first + 1).clamp(min=0)
        end = torch.tensor(self._end, dtype=ids.dtype, device=ids.device)
        if len(end) and width > len(end):
            is_cut = (lengths[:, 0] == width) & (ids[:, width - len(end) :] != end).any(dim=1)
            ids[is_cut, width - len(end) :] = end
        return ids, places < lengths

    def _width(self) -> int:
        return self.max_sequence_length - self._num_start - len(self._end)

    def get_embedding_layer(self) -> torch.nn.Module:
        """Return the layer that embeds wordpieces, for Ludwig's explanations."""
        layer: torch.nn.Module = self.embedder.transformer_model.get_input_embeddings()
        return layer

    @staticmethod
    def get_schema_cls() -> Any:
        """Return the class of the configuration."""
        return FoldformerEncoderConfig

    @property
    def input_shape(self) -> Size:
        """Shape of one text."""
        return Size([self.max_sequence_length])

    @property
    def output_shape(self) -> Size:
        """Shape of what comes out for one text."""
        if self.reduce_output is None:
            return Size([self._width(), self.dim])
        return Size([self._width() * self.dim if self.reduce_output == "concat" else self.dim])

    @property
    def input_dtype(self) -> torch.dtype:
        """Type of the ids that Ludwig gives."""
        return torch.int32


def _reducer(name: str | None, dim: int) -> torch.nn.Module | None:
    encoder = _VECTORS.get(name or "")
    if encoder is None:
        return None
    made: Any = Seq2VecEncoder.by_name(encoder)
    reducer: torch.nn.Module = made(dim)
    return reducer


def _problem(block: Mapping[str, Any], known: set[str]) -> str | None:
    """Find an unknown key, a choice that is none, or a combination that would be ignored."""
    for key in block:
        if key not in known and key not in _OF_LUDWIG:
            return f"encoder.{key}: foldformer has no such parameter{did_you_mean(key, sorted(known))}"
    for key, allowed in (("reduce_output", get_args(Reduction)), ("overlap_mode", get_args(OverlapMode))):
        value = block.get(key)
        if value is not None and value not in allowed:
            return f"encoder.{key}: got {show(value)}; expected {one_of(allowed)}{did_you_mean(value, allowed)}"
    for key in _ENTRIES[1:]:  # vocab_size, the first, Ludwig sets itself
        if block.get(key) is not None and block.get("use_pretrained", True):
            return f"encoder.{key}: got {show(block[key])} with pretrained weights; expected use_pretrained: false"
    if block.get("adapter"):
        return "encoder.adapter: got one; expected the folder of a trained one in pretrained_model_name_or_path"
    return None
