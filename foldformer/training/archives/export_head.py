"""Write a classifier or tagger as a model of transformers, where the architecture's own head says the same."""

import copy
import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from foldformer.config import ConfigurationError
from foldformer.config.nearest import an
from foldformer.data import DatasetReader
from foldformer.models import BasicClassifier, CrfTagger, Model, SimpleTagger
from foldformer.models.pretrained_head import AUTO_MODELS, HeadTask
from foldformer.text import Token

_TASKS: dict[type[Model], HeadTask] = {BasicClassifier: "SequenceClassification", SimpleTagger: "TokenClassification"}
_TOLERANCE = 1e-5
_NUM_TRIALS = 3


class HeadStaysBehindError(ValueError):
    """No head of transformers says what this model says; the message says why, as the end of a sentence."""


def model_with_head(
    model: Model, embedder_name: str, reader: DatasetReader, tokenizer: PreTrainedTokenizerBase
) -> PreTrainedModel:
    """Make the model of transformers that gives the same logits as a trained one, and try it on a few texts.

    Args:
        model: In evaluation mode.
        embedder_name: The module of it that holds the transformer.
        reader: Makes its instances.
        tokenizer: Of the transformer.

    Raises:
        HeadStaysBehindError: There is none.
    """
    task = _TASKS.get(type(model))
    if task is None:
        what = "the tags are chosen by a CRF" if isinstance(model, CrfTagger) else f"{type(model).__name__} is unknown"
        raise HeadStaysBehindError(f"{what}, and transformers has no such head")
    _check_embedder(model, embedder_name)
    transformer: PreTrainedModel = model.get_submodule(embedder_name).transformer_model  # type: ignore[assignment]
    whole = _empty(model, transformer, task)
    _fill(whole, model, transformer)
    if not _agree(model, whole, reader, tokenizer):
        raise HeadStaysBehindError(f"{an(type(whole).__name__)} with these weights gives other numbers")
    return whole


def position_note(model: Model, embedder_name: str) -> str:
    """Say what becomes of long texts, where a model folds them."""
    length = getattr(model.get_submodule(embedder_name), "max_length", None)
    return "" if length is None else f"; it takes at most {length} wordpieces, as transformers folds nothing"


def _check_embedder(model: Model, name: str) -> None:
    embedder: Any = model.get_submodule(name)
    parent: Any = model.get_submodule(name.rpartition(".")[0])
    mode = getattr(parent, "sub_token_mode", "first")
    if embedder.scalar_mix is not None:
        raise HeadStaysBehindError("the model mixes the layers of its transformer, and transformers takes the last one")
    if embedder.max_length is not None and embedder.max_length != embedder.position_limit:
        raise HeadStaysBehindError(
            f"texts are folded at {embedder.max_length} wordpieces, and transformers folds nothing"
        )
    if mode != "first":
        raise HeadStaysBehindError(
            f'words are pooled by sub_token_mode "{mode}", and transformers labels wordpieces; "first" fits'
        )


def _empty(model: Any, transformer: PreTrainedModel, task: HeadTask) -> PreTrainedModel:
    head = model._head
    config = copy.deepcopy(transformer.config if head is None else head.model.config)
    if head is None:
        namespace = model._label_namespace if task == "SequenceClassification" else model.label_namespace
        names = model.vocab.get_index_to_token_vocabulary(namespace)
        size = model._num_labels if task == "SequenceClassification" else model.num_classes
        config.id2label = {index: names.get(index, str(index)) for index in range(size)}
        config.label2id = {label: index for index, label in config.id2label.items()}
        if task == "SequenceClassification":
            config.problem_type = "single_label_classification"
    if type(config) not in AUTO_MODELS[task]._model_mapping:
        raise HeadStaysBehindError(f"transformers has no model for {task} with {an(type(transformer).__name__)}")
    whole: PreTrainedModel = AUTO_MODELS[task].from_config(config, dtype=torch.float32)
    whole.train(False)
    return whole


def _fill(whole: PreTrainedModel, model: Any, transformer: PreTrainedModel) -> None:
    base: Any = whole.base_model
    _put(base, transformer.state_dict(), "pooler.")
    if model._head is not None:
        _put(whole, model._head.model.state_dict(), f"{whole.base_model_prefix}.")
        return
    ours = list(_linears(_parts_above(model)))
    inner = set(base.modules())
    pooler = getattr(base, "pooler", None)
    own = [each for each in whole.modules() if isinstance(each, nn.Linear) and each not in inner]
    theirs = [*_linears([pooler]), *own]
    if [_shape(each) for each in ours] != [_shape(each) for each in theirs]:
        raise HeadStaysBehindError(
            f"the layers after the transformer are not those of {an(type(whole).__name__)}, which has {_named(theirs)}"
        )
    for mine, other in zip(ours, theirs, strict=True):
        other.load_state_dict(mine.state_dict())


def _parts_above(model: Any) -> list[nn.Module | None]:
    if isinstance(model, SimpleTagger):
        return [model.encoder, model.tag_projection_layer]
    return [model._seq2seq_encoder, model._seq2vec_encoder, model._feedforward, model._classification_layer]


def _linears(parts: list[nn.Module | None]) -> Iterator[nn.Linear]:
    for part in parts:
        modules = [] if part is None else list(part.modules())
        yield from (each for each in modules if isinstance(each, nn.Linear))


def _shape(linear: nn.Linear) -> tuple[int, int, bool]:
    return linear.in_features, linear.out_features, linear.bias is not None


def _named(linears: list[nn.Linear]) -> str:
    return " and ".join(f"a linear layer from {each.in_features} to {each.out_features}" for each in linears)


def _put(module: nn.Module, state: Mapping[str, Tensor], optional: str) -> None:
    """Load a state dict that has all but what begins with `optional`, and may have more of that."""
    found = module.load_state_dict(state, strict=False)
    if not all(key.startswith(optional) for key in (*found.missing_keys, *found.unexpected_keys)):
        raise HeadStaysBehindError(f"its weights do not fit {an(type(module).__name__)}")


def _agree(model: Model, whole: PreTrainedModel, reader: DatasetReader, tokenizer: PreTrainedTokenizerBase) -> bool:
    """Whether both give the same logits, from the text on."""
    as_words = isinstance(model, SimpleTagger)
    required = inspect.signature(reader.text_to_instance).parameters.values()
    names = [each.name for each in required if each.default is each.empty and each.kind == each.POSITIONAL_OR_KEYWORD]
    if not names:
        raise HeadStaysBehindError("its reader does not say what texts it takes")
    for number in range(_NUM_TRIALS):
        texts = [_sample(tokenizer, number + place) for place in range(len(names))]
        inputs: list[Any] = [[Token(word) for word in text.split()] for text in texts] if as_words else list(texts)
        try:
            instance = reader.text_to_instance(**dict(zip(names, inputs, strict=True)))
        except (ConfigurationError, ValueError, TypeError) as error:
            raise HeadStaysBehindError(f"its reader takes no plain text: {error}") from error
        if instance is None:
            raise HeadStaysBehindError("its reader leaves a plain text out")
        reader.apply_token_indexers(instance)
        ours = torch.as_tensor(model.forward_on_instance(instance)["logits"])
        theirs = _logits(whole, tokenizer, [text.split() for text in texts] if as_words else texts)
        if theirs.shape != ours.shape or not torch.allclose(theirs, _in_order(ours, model), atol=_TOLERANCE, rtol=1e-4):
            return False
    return True


def _sample(tokenizer: PreTrainedTokenizerBase, number: int) -> str:
    """Spell a few wordpieces of the vocabulary as a text."""
    step = max(1, len(tokenizer) // 12)
    text = tokenizer.decode(
        [(number * 7 + place * step) % len(tokenizer) for place in range(12)], skip_special_tokens=True
    )
    return str(text).strip() or "a"


@torch.no_grad()
def _logits(whole: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, texts: list[Any]) -> Tensor:
    is_split = not isinstance(texts[0], str)
    encoded = tokenizer(*texts, is_split_into_words=is_split, return_tensors="pt", truncation=False)
    logits: Tensor = whole(**encoded).logits[0]
    if is_split:
        words = encoded.word_ids(0)
        logits = logits[[place for place, word in enumerate(words) if word is not None and word not in words[:place]]]
    return logits


def _in_order(logits: Tensor, model: Any) -> Tensor:
    """Put logits from the order of the vocabulary into that of a pretrained head."""
    return logits if model._head is None else logits[..., model._head.order.argsort()]
