"""Several tasks in one model."""

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from overrides import overrides
from torch import Tensor, nn

from foldformer.config import ConfigurationError
from foldformer.data import Instance, MetadataField
from foldformer.models.model import Model, ModelOutput
from foldformer.models.multitask.backbone import Backbone
from foldformer.models.multitask.head import Head
from foldformer.nn import InitializerApplicator
from foldformer.text import Vocabulary

TASK = "task"


@Model.register("multitask")
class MultiTaskModel(Model):
    """Run a backbone on the whole batch, and each head on what the batch has of its task.

    The field `task` of an instance names its head. Backbone and heads are given the fields that their `forward` names;
    heads also outputs of the backbone. Outputs and metrics of a head come with its name before theirs: `nli_accuracy`.
    """

    default_predictor = "multitask"

    def __init__(
        self,
        vocab: Vocabulary,
        backbone: Backbone,
        heads: dict[str, Head],
        *,
        loss_weights: dict[str, float] | None = None,
        arg_name_mapping: dict[str, dict[str, str]] | None = None,
        allowed_arguments: dict[str, set[str]] | None = None,
        initializer: InitializerApplicator | None = None,
        **kwargs: Any,
    ) -> None:
        """Build.

        Args:
            vocab: The vocabulary; in a configuration it comes from outside.
            backbone: What all tasks share.
            heads: What each task has of its own, by the name of the task.
            loss_weights: Weight of each head's loss in the sum; 1 for those left out.
            arg_name_mapping: For "backbone" and heads: what a field, or an output of the backbone, is called there.
            allowed_arguments: For "backbone" and heads: what they take; None: what their `forward` names.
            initializer: Fills parameters with their first values.
            **kwargs: Go to `Model`.
        """
        super().__init__(vocab, **kwargs)
        self._backbone = backbone
        self._heads = nn.ModuleDict(heads)
        self._heads_called: set[str] = set()
        self._loss_weights = loss_weights or {}
        self._arg_name_mapping = arg_name_mapping or {}
        parts: dict[str, nn.Module] = {"backbone": backbone, **heads}
        self._allowed_arguments = allowed_arguments or {
            name: get_forward_arguments(part) for name, part in parts.items()
        }
        if initializer is not None:
            initializer(self)

    @overrides(check_signature=False)
    def forward(self, **kwargs: Any) -> ModelOutput:
        """Run the backbone and the heads of the batch's tasks.

        Args:
            **kwargs: The fields of a batch, `task` among them.

        Returns:
            The backbone's outputs, each head's with its name before theirs, and with labels `loss`.

        Raises:
            ConfigurationError: There is no field `task`, or two fields have one name for the same part.
        """
        if TASK not in kwargs:
            raise ConfigurationError(
                f"batch: got the fields {', '.join(kwargs)}; expected a field {TASK!r} that names the head of each "
                "instance, as MultiTaskDatasetReader writes it"
            )
        shared: Mapping[str, Any] = self._backbone(**self._arguments("backbone", kwargs))
        outputs: ModelOutput = {**shared}
        losses = []
        for name, head in self._heads.items():
            rows = [row for row, task in enumerate(kwargs[TASK]) if task == name]
            if not rows:
                continue
            arguments = self._arguments(name, {**shared, **kwargs})
            own = head(**{key: _rows_of(value, rows) for key, value in arguments.items()})
            outputs.update({f"{name}_{key}": value for key, value in own.items()})
            if "loss" in own:
                self._heads_called.add(name)
                losses.append(self._loss_weights.get(name, 1.0) * own["loss"])
        if losses:
            outputs["loss"] = torch.stack(losses).sum()
        return outputs

    def _arguments(self, part: str, available: Mapping[str, Any]) -> dict[str, Any]:
        names, allowed = self._arg_name_mapping.get(part, {}), self._allowed_arguments[part]
        kept: dict[str, Any] = {}
        for key, value in available.items():
            name = names.get(key, key)
            if name in allowed and name in kept:
                raise ConfigurationError(
                    f"arg_name_mapping.{part}: got two inputs called {name!r} in a batch; expected one"
                )
            if name in allowed:
                kept[name] = value
        return kept

    @overrides
    def get_metrics(self, reset: bool = False) -> dict[str, float]:
        """Compute the metrics of the heads that had labels, with the head's name before theirs."""
        metrics = {
            f"{name}_{key}": value
            for name, head in self._heads.items()
            if name in self._heads_called
            for key, value in head.get_metrics(reset).items()  # type: ignore[operator]
        }
        if reset:
            self._heads_called.clear()
        return metrics

    @overrides
    def make_output_human_readable(self, output_dict: ModelOutput) -> ModelOutput:
        """Let the backbone and the heads that ran add what a person can read."""
        outputs = self._backbone.make_output_human_readable(output_dict)
        for name, head in self._heads.items():
            before = f"{name}_"
            own = {key.removeprefix(before): value for key, value in outputs.items() if key.startswith(before)}
            if own:
                readable: ModelOutput = head.make_output_human_readable(own)  # type: ignore[operator]
                outputs.update({f"{before}{key}": value for key, value in readable.items()})
        return outputs

    @overrides
    def forward_on_instances(self, instances: Sequence[Instance]) -> list[ModelOutput]:
        """Predict for instances of any tasks, those of one task in one batch.

        Args:
            instances: At least one.

        Returns:
            One dictionary an instance, in their order.

        Raises:
            ConfigurationError: An instance names no head.
        """
        rows: dict[str, list[int]] = {}
        for row, instance in enumerate(instances):
            rows.setdefault(self._task_of(instance), []).append(row)
        found: dict[int, ModelOutput] = {}
        for own in rows.values():
            found.update(zip(own, super().forward_on_instances([instances[row] for row in own]), strict=True))
        return [found[row] for row in range(len(instances))]

    def _task_of(self, instance: Instance) -> str:
        field = instance.fields.get(TASK)
        if not isinstance(field, MetadataField) or field.metadata not in self._heads:
            given = field.metadata if isinstance(field, MetadataField) else field
            raise ConfigurationError(f"task: got {given!r}; expected the name of a head: {', '.join(self._heads)}")
        return str(field.metadata)


def get_forward_arguments(module: nn.Module) -> set[str]:
    """Name what a module's `forward` takes."""
    return set(inspect.signature(module.forward).parameters)


def _rows_of(value: Any, rows: Sequence[int]) -> Any:
    """Take some rows of a field's tensors, or of a list."""
    if isinstance(value, Mapping):
        return {key: _rows_of(item, rows) for key, item in value.items()}
    if isinstance(value, Tensor):
        return value.index_select(0, torch.tensor(rows, device=value.device))
    return [value[row] for row in rows]
