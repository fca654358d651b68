"""Old keys of the trainer: what was written to TensorBoard, callbacks of three kinds, several GPUs, 16 bits."""

from __future__ import annotations

from typing import Any

from foldformer.config.old_keys.row import Block, put

_OF_CURVES = {"histogram_interval": "distribution_interval", "log_batch_size_period": "batch_size_interval"}
_NOT_TODAY = {"type", "serialization_dir", "get_batch_num_total"}


def all_if_negative(count: Any) -> Any:
    """1.x kept all checkpoints for -1, as for null."""
    return None if isinstance(count, int) and count < 0 else count


def is_mixed(opt_level: Any) -> bool:
    """Whether a level of apex computed in 16 bits."""
    return opt_level not in (None, "O0")


def default_to_name(trainer: Block, key: str, file: Block) -> bool:  # noqa: ARG001
    """Call the default trainer of 0.x by its name."""
    trainer[key] = "gradient_descent"
    return True


def curve_options(options: Block) -> Block:
    """Today's options of the callback "tensorboard"."""
    kept = {key: value for key, value in options.items() if key not in _NOT_TODAY}
    return {_OF_CURVES.get(key, key): value for key, value in kept.items()}


def writer_to_callback(trainer: Block, key: str, file: Block) -> bool:  # noqa: ARG001
    """Turn `tensorboard_writer` of 1.x into the callback "tensorboard"; a writer of another type is left."""
    writer = "null" if trainer[key] is None else trainer[key]
    options = {"type": writer} if isinstance(writer, str) else writer
    if not isinstance(options, dict) or options.get("type", "tensorboard") not in ("tensorboard", "null"):
        return False
    if options.get("type") != "null":
        _add_curves(trainer, curve_options(options), instead_of=key)
    trainer.pop(key, None)
    return True


def option_to_callback(trainer: Block, key: str, file: Block) -> bool:  # noqa: ARG001
    """Move what 0.x said about TensorBoard in the trainer itself into the callback."""
    _add_curves(trainer, curve_options({key: trainer[key]}), instead_of=key)
    trainer.pop(key, None)
    return True


def writer_to_options(callback: Block, key: str, file: Block) -> bool:  # noqa: ARG001
    """Put the options of a writer inside the callback "tensorboard" into the callback itself."""
    options = callback.pop(key) or {}
    for name, value in curve_options(options if isinstance(options, dict) else {}).items():
        callback.setdefault(name, value)
    return True


def _add_curves(trainer: Block, options: Block, instead_of: str) -> None:
    callbacks = trainer.get("callbacks") or []
    if not isinstance(callbacks, list):
        return
    curves = [each for each in callbacks if isinstance(each, dict) and each.get("type") == "tensorboard"]
    if curves:
        curves[0].update({**options, **curves[0]})
    elif callbacks:
        callbacks.append({"type": "tensorboard", **options})
    else:
        trainer.pop("callbacks", None)
        put(trainer, "callbacks", [{"type": "tensorboard", **options}], instead_of)


def callbacks_to_callbacks(trainer: Block, key: str, file: Block) -> bool:  # noqa: ARG001
    """Add the callbacks of one of the three lists of 1.x to the one list of today."""
    lists = [trainer.get("callbacks") or [], trainer[key] or []]
    if not all(isinstance(each, list) for each in lists):
        return False
    together = [callback for each in lists for callback in each]
    trainer.pop("callbacks", None)
    put(trainer, "callbacks", together, instead_of=key)
    return True


def gpus_to_distributed(trainer: Block, key: str, file: Block) -> bool:
    """Turn a list of GPUs into the block `distributed`; false for a single number, which is today's spelling."""
    devices = trainer[key]
    if not isinstance(devices, list) or not devices:
        return False
    if len(devices) == 1:
        trainer[key] = devices[0]
    else:
        del trainer[key]
        put(file, "distributed.cuda_devices", devices)
    return True
