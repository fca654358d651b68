"""The head of a fine-tuned transformer, as transformers itself runs it."""

from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from typing import Any, Literal

import torch
from overrides import overrides
from torch import Tensor, nn
from transformers import AutoModelForSequenceClassification, AutoModelForTokenClassification, PreTrainedModel
from transformers.modeling_outputs import BaseModelOutputWithPooling

from foldformer.config import ConfigurationError, Problem
from foldformer.config.nearest import did_you_mean, one_of, show
from foldformer.text import Vocabulary
from foldformer.text.pretrained import load_with_head

HeadTask = Literal["SequenceClassification", "TokenClassification"]
"""What the head is for, as the names of transformers' classes end."""

AUTO_MODELS: dict[HeadTask, Any] = {
    "SequenceClassification": AutoModelForSequenceClassification,
    "TokenClassification": AutoModelForTokenClassification,
}
_given: ContextVar[Tensor] = ContextVar("given")
_TOLERANCE = 1e-4


class PretrainedHead(nn.Module):
    """Score labels by what follows the transformer in a model of transformers.

        embedder's vectors -> [pooling layer ->] whatever layers and dropout the architecture has -> logits

    The model's own code runs, with the vectors in the place of what its transformer would give.

    Args:
        model: A model with a head; its transformer is cut off.

    Raises:
        ConfigurationError: The head needs more of its transformer than the last layer's vectors.
    """

    def __init__(self, model: PreTrainedModel) -> None:
        super().__init__()
        names: dict[Any, str] = model.config.id2label or {}
        self.labels = [str(names[index]) for index in sorted(names)]
        self.input_dim = int(model.config.get_text_config().hidden_size)
        self.order: Tensor
        self.register_buffer("order", torch.arange(len(self.labels)), persistent=False)
        self._real_id = 2 if model.config.get_text_config().pad_token_id == 1 else 1  # any that is not padding
        self._is_of_texts = type(model).__name__.endswith("SequenceClassification")
        trial = None if model.config.is_encoder_decoder else _outputs_of(model)
        setattr(model, model.base_model_prefix, _GivenVectors(model.base_model))
        self.model = model.train(False)
        with torch.no_grad():
            if trial is None or not torch.allclose(self(trial[0]), trial[1], atol=_TOLERANCE):
                raise ConfigurationError(
                    f"pretrained_head: got a {type(model).__name__}, whose head needs more than the last layer of its "
                    "transformer; expected an architecture whose head needs no more, as BERT's"
                )
        self.train()

    @classmethod
    def load(cls, name: str, task: HeadTask, vocab: Vocabulary, namespace: str) -> "PretrainedHead":
        """Load a folder's head, and put its logits into the order of a vocabulary's labels.

        Args:
            name: Folder, name in the local cache, or name on the hub.
            task: What the head must be for.
            vocab: Gets the head's labels, behind those of the data.
            namespace: Of the labels.

        Raises:
            ConfigurationError: It has no such head, or one for numbers or several labels at once, or one that does not
                know the labels of the data.
        """
        head = cls(load_with_head(name, AUTO_MODELS[task], f"For{task}"))
        head.order = _labels_in_order(head.labels, vocab, namespace)
        return head

    @overrides(check_signature=False)
    def forward(self, vectors: Tensor, mask: Tensor | None = None) -> Tensor:
        """Score the labels.

        Args:
            vectors: Of the wordpieces or words. (batch, positions, dim)
            mask: True where real; None: everywhere. (batch, positions)

        Returns:
            (batch, labels) of a head for texts, (batch, positions, labels) of one for tokens.
        """
        if not self._is_of_texts:
            return self._run(vectors)
        lengths = [vectors.shape[1]] * len(vectors) if mask is None else mask.sum(dim=1).tolist()
        # row by row, as some heads take the last position, and some refuse batches for want of a padding token
        rows = [
            self._run(row[None, :length]) if length else vectors.new_zeros(1, len(self.labels))
            for row, length in zip(vectors, lengths, strict=True)
        ]
        return torch.cat(rows)

    def _run(self, vectors: Tensor) -> Tensor:
        token = _given.set(vectors)
        try:
            ids = torch.full(vectors.shape[:2], self._real_id, device=vectors.device)
            logits: Tensor = self.model(input_ids=ids).logits[..., self.order]
        finally:
            _given.reset(token)
        return logits


class _Outputs(BaseModelOutputWithPooling):
    """With what heads hand on of some transformers and do not use."""

    cache = past_key_values = mems = None


class _GivenVectors(nn.Module):
    """Stands where a model has its transformer, and gives vectors that are there already."""

    def __init__(self, transformer: Any) -> None:
        super().__init__()
        self.pooler: nn.Module | None = getattr(transformer, "pooler", None)
        self.pooler_activation: nn.Module | None = getattr(transformer, "pooler_activation", None)  # ALBERT's

    @overrides(check_signature=False)
    def forward(self, *inputs: Any, **options: Any) -> BaseModelOutputWithPooling:
        del inputs, options
        vectors, pooled = _given.get(), None
        if self.pooler_activation is not None and self.pooler is not None:
            pooled = self.pooler_activation(self.pooler(vectors[:, 0]))
        elif self.pooler is not None:
            pooled = self.pooler(vectors)
        return _Outputs(last_hidden_state=vectors, pooler_output=pooled)


def _outputs_of(model: PreTrainedModel) -> tuple[Tensor, Tensor]:
    """Run a few wordpieces through a whole model: the vectors of its transformer, and its logits."""
    transformer: Any = model.train(False).base_model
    ids = torch.arange(1, 7)[None] % model.config.get_text_config().vocab_size
    with torch.no_grad():
        return transformer(input_ids=ids).last_hidden_state, model(input_ids=ids).logits


def problems_of_head(block: Mapping[str, Any], encoder: str, others: Sequence[str] = ()) -> Iterator[Problem]:
    """Find a head that stands beside what it replaces, and a model with neither.

    Args:
        block: The model's.
        encoder: Key of the encoder, which is needed without a head.
        others: Further keys that a head leaves no room for.
    """
    if block.get("pretrained_head") is None:
        if block.get(encoder) is None:
            yield Problem(encoder, "missing; expected an encoder, or pretrained_head")
        return
    for key in (encoder, *others):
        if block.get(key) is not None:
            yield Problem(
                key, "got one beside pretrained_head, which takes the embedder's vectors as they are; expected either"
            )


def _labels_in_order(labels: Sequence[str], vocab: Vocabulary, namespace: str) -> Tensor:
    """Add a head's labels to a vocabulary, behind those of the data, and say where the head has each of them.

    Args:
        labels: Of the head, in its order.
        vocab: Gets those that it lacks.
        namespace: Of the labels.

    Returns:
        For every index of the namespace, the head's index. int64 (labels,)

    Raises:
        ConfigurationError: The data have labels that the head does not know.
    """
    strange = [label for label in vocab.get_token_to_index_vocabulary(namespace) if label not in labels]
    if strange:
        raise ConfigurationError(
            f"pretrained_head: got a head for {one_of(list(labels), 'and')}; expected one that knows "
            f"{show(strange[0])} too, a label in namespace {namespace!r}{did_you_mean(strange[0], labels)}: "
            "name the data's labels in id2label of its config.json"
        )
    for label in labels:
        vocab.add_token_to_namespace(label, namespace)
    names = vocab.get_index_to_token_vocabulary(namespace)
    return torch.tensor([labels.index(names[index]) for index in range(len(names))])
