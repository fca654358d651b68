"""Adafactor, as transformers has it."""

from transformers.optimization import Adafactor

from foldformer.training.optimizers.optimizer import Optimizer
from foldformer.training.optimizers.parameter_groups import NamedParameters, ParameterGroups, make_parameter_groups


@Optimizer.register("huggingface_adafactor")
class HuggingfaceAdafactor(Optimizer, Adafactor):
    """`transformers.optimization.Adafactor`.

    With `lr` null it sets its own step size, which needs `relative_step: true`; beside a number, say
    `relative_step: false`.
    """

    def __init__(
        self,
        model_parameters: NamedParameters,
        parameter_groups: ParameterGroups | None = None,
        lr: float | None = None,
        eps: tuple[float, float] = (1e-30, 1e-3),
        clip_threshold: float = 1.0,
        decay_rate: float = -0.8,
        beta1: float | None = None,
        weight_decay: float = 0.0,
        scale_parameter: bool = True,
        relative_step: bool = True,
        warmup_init: bool = False,
    ) -> None:
        Adafactor.__init__(  # type: ignore[no-untyped-call]
            self,
            make_parameter_groups(model_parameters, parameter_groups),
            lr=lr,
            eps=eps,
            clip_threshold=clip_threshold,
            decay_rate=decay_rate,
            beta1=beta1,
            weight_decay=weight_decay,
            scale_parameter=scale_parameter,
            relative_step=relative_step,
            warmup_init=warmup_init,
        )
