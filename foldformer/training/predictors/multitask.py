"""Predictions of a model of several tasks."""

from overrides import overrides

from foldformer.config import ConfigurationError
from foldformer.config.nearest import one_of, show
from foldformer.data import Instance, MetadataField
from foldformer.data.multitask import MultiTaskDatasetReader
from foldformer.models.multitask import MultiTaskModel
from foldformer.training.predictors.predictor import JsonDict, Predictor


@Predictor.register("multitask")
class MultiTaskPredictor(Predictor):
    """Takes what the predictor of a head takes, and `"task"`, which names the head.

    Args:
        model: The model.
        dataset_reader: Has a reader for each task.
    """

    def __init__(self, model: MultiTaskModel, dataset_reader: MultiTaskDatasetReader) -> None:
        super().__init__(model, dataset_reader)
        self.predictors: dict[str, Predictor] = {}
        for name, head in model._heads.items():
            chosen = Predictor.by_name(str(head.default_predictor)) if head.default_predictor else Predictor
            self.predictors[name] = chosen(model, dataset_reader.readers[name].inner)

    @overrides
    def _json_to_instance(self, json_dict: JsonDict) -> Instance:
        task = json_dict.get("task")
        if task not in self.predictors:
            raise ConfigurationError(f"task: got {show(task)}; expected {one_of(list(self.predictors))}")
        rest = {key: value for key, value in json_dict.items() if key != "task"}
        instance = self.predictors[task]._json_to_instance(rest)
        instance.add_field("task", MetadataField(task))
        return instance
