"""What `transformer_kwargs` may hold: entries of the configuration, and options of loading."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from huggingface_hub.errors import StrictDataclassError
from transformers import MODEL_MAPPING, PretrainedConfig, PreTrainedModel

from foldformer.config import ConfigurationError
from foldformer.config.nearest import did_you_mean, show

_MORE_OPTIONS = {
    *("_commit_hash", "adapter_kwargs", "adapter_name", "attn_implementation", "code_revision", "device_map"),
    *("device_mesh", "distributed_config", "dtype", "experts_implementation", "gguf_file", "key_mapping"),
    *("kernel_config", "low_cpu_mem_usage", "max_memory", "offload_buffers", "offload_folder", "output_loading_info"),
    *("proxies", "quantization_config", "state_dict", "subfolder", "torch_dtype", "tp_plan", "tp_size"),
    *("trust_remote_code", "use_kernels", "variant"),
}
"""Of `PreTrainedModel.from_pretrained`, which takes them by `**kwargs`, so that its signature does not name them."""

_REFUSALS = (ValueError, TypeError, LookupError, RuntimeError, ImportError, StrictDataclassError)


def entries_of(transformer_kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what is not an option of loading: entries of the configuration, if anything."""
    options = {*inspect.signature(PreTrainedModel.from_pretrained).parameters, *_MORE_OPTIONS}
    return {name: value for name, value in transformer_kwargs.items() if name not in options}


def check_entries(config: PretrainedConfig, entries: Mapping[str, Any]) -> None:
    """Refuse entries that neither the configuration nor its transformer knows.

    Raises:
        ConfigurationError: There is one; the nearest right name is named.
    """
    of_model = _parameters_of_model(config)
    for name in entries:
        if of_model is not None and not hasattr(config, name) and name not in of_model:
            names = [*config.to_dict(), *config.attribute_map, *of_model]
            raise ConfigurationError(
                f'transformer_kwargs: got "{name}"; expected entries of {type(config).__name__} or options of '
                f"from_pretrained{did_you_mean(name, names)}"
            )


def takes_pooling_option(config: PretrainedConfig) -> bool:
    """Tell whether the transformer can be made without its pooler."""
    return "add_pooling_layer" in (_parameters_of_model(config) or ())


@contextmanager
def blamed_on(transformer_kwargs: Mapping[str, Any]) -> Iterator[None]:
    """Say of an error that it comes from the values in `transformer_kwargs`, where there are any that can cause it.

    Raises:
        ConfigurationError: In place of what transformers raises.
    """
    blamed = entries_of(transformer_kwargs)
    if transformer_kwargs.get("attn_implementation") is not None:
        blamed["attn_implementation"] = transformer_kwargs["attn_implementation"]
    try:
        yield
    except _REFUSALS as error:
        if not blamed or "trust_remote_code" in str(error):
            raise
        shown = ", ".join(f"{name}: {show(value)}" for name, value in blamed.items())
        raise ConfigurationError(
            f"transformer_kwargs: got {{{shown}}}; expected values with which this transformer can be made: "
            f"{_reason(error)}"
        ) from error


def with_blame(load: Callable[..., Any], transformer_kwargs: Mapping[str, Any]) -> Callable[..., Any]:
    """Return `load` within `blamed_on`."""

    def loading(*args: Any, **kwargs: Any) -> Any:
        with blamed_on(transformer_kwargs):
            return load(*args, **kwargs)

    return loading


def _reason(error: Exception) -> str:
    if isinstance(error, LookupError):
        return f"nothing is called {error}"
    if "ignore_mismatched_sizes" in str(error):
        return "the shapes of the pretrained weights are others; load_weights: false does without them"
    return " ".join(str(error).split())


def _parameters_of_model(config: PretrainedConfig) -> list[str] | None:
    """Names of what the transformer's constructor takes; None where transformers does not know its class."""
    try:
        model = MODEL_MAPPING[type(config)]
    except KeyError:
        return None
    models = model if isinstance(model, (list, tuple)) else (model,)
    return [name for each in models if each for name in inspect.signature(each).parameters]
