"""From JSON to JSON."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from foldformer.config import ConfigurationError, Registrable
from foldformer.config.nearest import did_you_mean, one_of, show
from foldformer.data import DatasetReader, Instance
from foldformer.models import Model
from foldformer.training.archives.read import Archive, load_archive
from foldformer.training.predictors.as_json import as_json

JsonDict = dict[str, Any]


class Predictor(Registrable):
    """Turns a JSON object into an instance, lets a model predict, and gives a JSON object.

    Implement `_json_to_instance`; with that, `foldformer predict` works.

    Args:
        model: The model.
        dataset_reader: Its `text_to_instance` makes the instances.
        frozen: Whether the model is put into evaluation mode.
    """

    def __init__(self, model: Model, dataset_reader: DatasetReader, frozen: bool = True) -> None:
        if frozen:
            model.eval()
        self._model = model
        self._dataset_reader = dataset_reader

    @classmethod
    def from_path(cls, archive_path: str, predictor_name: str | None = None, **archive_kwargs: Any) -> "Predictor":
        """Open an archive and make its predictor; see `load_archive` and `from_archive`."""
        return cls.from_archive(load_archive(archive_path, **archive_kwargs), predictor_name)

    @classmethod
    def from_archive(
        cls,
        archive: Archive,
        predictor_name: str | None = None,
        dataset_reader_to_load: str = "validation",
        extra_args: Mapping[str, Any] | None = None,
    ) -> "Predictor":
        """Make the predictor of an archive.

        Args:
            archive: The archive.
            predictor_name: Registered name; by default the one that the model names.
            dataset_reader_to_load: "validation" or "train".
            extra_args: More arguments of the predictor.

        Raises:
            ConfigurationError: The model names no predictor, or there is no such reader.
        """
        if dataset_reader_to_load not in ("train", "validation"):
            raise ConfigurationError(f'got {show(dataset_reader_to_load)}; expected the reader "train" or "validation"')
        is_training = dataset_reader_to_load == "train"
        reader = archive.dataset_reader if is_training else archive.validation_dataset_reader
        name = predictor_name or archive.model.default_predictor
        if name is None:
            raise ConfigurationError(
                f"{type(archive.model).__name__} names no predictor; "
                f"give one with --predictor: {one_of(Predictor.list_available())}"
            )
        block = {"type": name, **(extra_args or {})}
        return Predictor.from_params(block, model=archive.model, dataset_reader=reader)

    def __call__(self, inputs: str | JsonDict | Sequence[str | JsonDict]) -> Any:
        """Predict for a text, or for several at once.

        Args:
            inputs: A text, or a JSON object as `predict_json` takes it; or a list of them.

        Returns:
            What the model gives, with the probability of its `label`, if there is one, as `score`; a list for a list.
        """
        several = [inputs] if isinstance(inputs, (str, Mapping)) else list(inputs)
        if not several:
            return []
        outputs = self.predict_batch_json([{"sentence": each} if isinstance(each, str) else each for each in several])
        scored = [_with_score(each) for each in outputs]
        return scored[0] if isinstance(inputs, (str, Mapping)) else scored

    def load_line(self, line: str) -> JsonDict:
        """Read a line of input.

        Raises:
            ConfigurationError: It is no JSON object.
        """
        try:
            found = json.loads(line)
        except json.JSONDecodeError as error:
            raise ConfigurationError(f"got {show(line.strip())}; expected a JSON object: {error}") from error
        except (ValueError, RecursionError) as error:  # an integer of thousands of digits, or lists in lists in lists
            raise ConfigurationError(f"got JSON that cannot be read ({error}); expected a JSON object") from error
        if not isinstance(found, dict):
            raise ConfigurationError(f"got {show(line.strip())}; expected a JSON object")
        return found

    def dump_line(self, outputs: JsonDict) -> str:
        """Write a line of output."""
        return json.dumps(outputs) + "\n"

    def predict_json(self, inputs: JsonDict) -> JsonDict:
        """Predict for one JSON object."""
        return self.predict_batch_json([inputs])[0]

    def predict_batch_json(self, inputs: Sequence[JsonDict]) -> list[JsonDict]:
        """Predict for several at once."""
        return self.predict_batch_instance([self._json_to_instance(each) for each in inputs])

    def predict_instance(self, instance: Instance) -> JsonDict:
        """Predict for one instance."""
        return self.predict_batch_instance([instance])[0]

    def predict_batch_instance(self, instances: Sequence[Instance]) -> list[JsonDict]:
        """Predict for several at once."""
        for instance in instances:
            self._dataset_reader.apply_token_indexers(instance)
        return [as_json(each) for each in self._model.forward_on_instances(instances)]

    def _json_to_instance(self, json_dict: JsonDict) -> Instance:
        """Turn a JSON object into an instance.

        Raises:
            NotImplementedError: The class does not say how.
        """
        raise NotImplementedError(f"{type(self).__name__} has no _json_to_instance")

    def _to_instance(self, *inputs: Any, **named_inputs: Any) -> Instance:
        instance = self._dataset_reader.text_to_instance(*inputs, **named_inputs)
        if instance is None:
            shown = show([*inputs, *named_inputs.values()][0])
            raise ConfigurationError(f"{type(self._dataset_reader).__name__} makes no instance of {shown}")
        return instance


def _with_score(output: JsonDict) -> JsonDict:
    return {**output, "score": max(output["probs"])} if {"label", "probs"} <= output.keys() else output


def needed_text(json_dict: JsonDict, *keys: str) -> str:
    """Take the text under the first of several keys that is there.

    Raises:
        ConfigurationError: None is, or it holds something else.
    """
    key = _needed_key(json_dict, keys)
    text = json_dict[key]
    if not isinstance(text, str):
        raise ConfigurationError(f"{key}: got {show(text)}; expected a text")
    return text


def needed_words(json_dict: JsonDict, *keys: str) -> list[str]:
    """Take the list of words under the first of several keys that is there.

    Raises:
        ConfigurationError: None is, or it holds something else.
    """
    key = _needed_key(json_dict, keys)
    words = json_dict[key]
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise ConfigurationError(f'{key}: got {show(words)}; expected a list of words, or a text under "sentence"')
    return words


def _needed_key(json_dict: JsonDict, keys: Sequence[str]) -> str:
    for key in keys:
        if key in json_dict:
            return key
    given = one_of(list(json_dict), "and") or "nothing"
    hint = next(filter(None, (did_you_mean(each, keys) for each in json_dict)), "")
    raise ConfigurationError(f"input: got {given}; expected {one_of(keys)}{hint}")
