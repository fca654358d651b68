"""What a user types or feeds wrongly, and what the answer is."""

import json
from pathlib import Path
from typing import ClassVar

import pytest
import torch
from typer.testing import CliRunner

from foldformer.commands import app
from foldformer.config import ConfigurationError
from foldformer.data import DatasetReader
from foldformer.models import BasicClassifier, Model
from foldformer.models.metrics import F1Measure, Metric
from foldformer.text.archives import FileContentError
from foldformer.training import TrainerCallback, TrainingError
from foldformer.training.experiment_checks import problems_of_experiment, problems_of_machine
from foldformer.training.predictors import Predictor, SentenceTaggerPredictor, TextClassifierPredictor


def run(config, tmp_path, *options):
    file = tmp_path / "experiment.json"
    file.write_text(json.dumps(config))
    return CliRunner().invoke(app, ["train", str(file), "-s", str(tmp_path / "run"), *options])


def test_every_mistake_is_reported_before_anything_is_loaded(config, tmp_path):
    config["trainer"].update(num_epoch=3, lightning={"device": 2}, validation_metric="accuracy")
    config["model"]["dropuot"] = 0.1
    result = run(config, tmp_path)
    assert result.exit_code == 1
    for part in ("trainer.num_epoch", "num_epochs", "model.dropuot", "dropout"):
        assert part in result.output
    del config["trainer"]["num_epoch"], config["model"]["dropuot"]
    result = run(config, tmp_path)
    for part in ("trainer.lightning.device", '"devices"', "trainer.validation_metric", '"+accuracy"'):
        assert part in result.output
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("key", "value", "where"),
    [
        ("validation_metric", "accuracy", "trainer.validation_metric"),
        ("patience", 0, "trainer.patience"),
        ("lightning", {"strategi": "ddp"}, "trainer.lightning.strategi"),
    ],
)
def test_mistake_that_type_hints_cannot_see_has_its_place(config, key, value, where):
    config["trainer"][key] = value
    assert [problem.path for problem in problems_of_experiment(config)] == [where]


def test_patience_without_validation_data_is_a_mistake(config):
    del config["validation_data_path"]
    config["trainer"]["patience"] = 2
    paths = [problem.path for problem in problems_of_experiment(config)]
    assert paths == ["trainer.patience", "trainer.validation_metric"]


@pytest.mark.parametrize(
    ("block", "where"),
    [
        ({}, "trainer.cuda_device: got 99; expected"),
        ({"distributed": {"cuda_devices": [0, 99]}}, "distributed.cuda_devices: got"),
    ],
)
def test_gpu_that_is_not_there_is_named_before_anything_is_loaded(config, tmp_path, block, where):
    config["trainer"]["cuda_device"] = 99
    result = run(config | block, tmp_path)
    assert result.exit_code == 1
    assert where in " ".join(result.output.split())
    assert not (tmp_path / "run").exists()


def test_processes_on_the_processor_need_no_gpu(config):
    assert problems_of_machine(config | {"distributed": {"cuda_devices": [-1, -1]}}) == []
    assert problems_of_machine(config) == []
    config["trainer"].update(cuda_device=99, lightning={"accelerator": "cpu"})
    assert problems_of_machine(config) == []


def test_one_device_is_no_distributed_run(config):
    config["distributed"] = {"cuda_devices": [0]}
    assert [problem.path for problem in problems_of_experiment(config)] == ["distributed.cuda_devices"]


def test_metric_that_no_epoch_reports_stops_training_before_its_first_step(config, tmp_path, train):
    config["trainer"]["validation_metric"] = "+acuracy"
    with pytest.raises(ConfigurationError, match=r"acuracy.*which no epoch reports.*did you mean .accuracy"):
        train(config, tmp_path / "run")
    assert not list((tmp_path / "run").glob("*.ckpt"))


def test_empty_data_file_is_named(config, tmp_path, train):
    Path(config["train_data_path"]).write_text("")
    with pytest.raises((FileContentError, ConfigurationError), match=r"train\.jsonl"):
        train(config, tmp_path / "run")


def test_line_without_label_is_named(config, tmp_path, train):
    file = Path(config["train_data_path"])
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    del rows[4]["label"]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(FileContentError, match=r"train\.jsonl:5"):
        train(config, tmp_path / "run")


def test_label_that_training_never_shows_is_named_unless_allowed(config, tmp_path, train):
    with Path(config["validation_data_path"]).open("a") as file:
        file.write(json.dumps({"text": "so so", "label": "meh"}) + "\n")
    config["trainer"]["num_epochs"] = 1
    with pytest.raises(ConfigurationError, match=r"validation_data_path: got the labels .meh.*expected .neg. or .pos"):
        train(config, tmp_path / "run")
    metrics = train({**config, "unseen_labels": "allow"}, tmp_path / "allowed")
    assert metrics["epoch"] == 0


def test_test_data_need_no_labels_until_they_are_evaluated(config, tmp_path, train):
    (tmp_path / "test.jsonl").write_text('{"text": "the fox"}\n')
    config.update(test_data_path=str(tmp_path / "test.jsonl"))
    config["trainer"]["num_epochs"] = 1
    assert train(config, tmp_path / "run")["epoch"] == 0
    with pytest.raises(FileContentError, match=r"test\.jsonl:1"):
        train({**config, "evaluate_on_test": True}, tmp_path / "other")


def test_evaluation_on_test_data_is_among_the_metrics(config, tmp_path, train):
    config.update(test_data_path=config["validation_data_path"], evaluate_on_test=True)
    config["trainer"]["num_epochs"] = 1
    metrics = train(config, tmp_path / "run")
    assert metrics["test_accuracy"] == metrics["best_validation_accuracy"]


@Model.register("classifier_with_f1")
class WithF1(BasicClassifier):
    """A classifier with a metric that cannot be asked before it has seen a batch."""

    def __init__(self, vocab, **kwargs) -> None:
        super().__init__(vocab, **kwargs)
        self.f1 = F1Measure(positive_label=1)

    def forward(self, tokens, label=None):
        output = super().forward(tokens, label)
        self.f1(output["logits"], label)
        return output

    def get_metrics(self, reset=False):
        return {**super().get_metrics(reset), **self.f1.get_metric(reset)}


@pytest.mark.parametrize("metric", ["-loss", "+f1"])
def test_metric_that_needs_a_batch_is_not_asked_before(config, tmp_path, train, metric):
    config["model"]["type"] = "classifier_with_f1"
    config["trainer"].update(num_epochs=1, validation_metric=metric)
    assert 0 <= train(config, tmp_path / "run")["validation_f1"] <= 1


class NeverResets(Metric):
    """Counts items, and goes on counting, as metrics of some old projects do."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, labels):
        self.count += len(labels)

    def get_metric(self, reset=False):
        return {"seen": self.count}

    def reset(self):
        self.count = 0


@Model.register("classifier_that_counts")
class Counts(BasicClassifier):
    """A classifier with a metric that `get_metrics(reset=True)` does not reset."""

    def __init__(self, vocab, **kwargs) -> None:
        super().__init__(vocab, **kwargs)
        self.seen = NeverResets()

    def forward(self, tokens, label=None):
        self.seen(label)
        return super().forward(tokens, label)

    def get_metrics(self, reset=False):
        return {**super().get_metrics(reset), **self.seen.get_metric(reset)}


def test_metrics_have_seen_nothing_before_the_first_step(config, tmp_path, train):
    config["model"]["type"] = "classifier_that_counts"
    config["trainer"]["num_epochs"] = 1
    metrics = train(config, tmp_path / "run")
    assert (metrics["training_seen"], metrics["validation_seen"]) == (26, 26 + 7)


@pytest.mark.parametrize("wrong", [{"validation_metric": "+acuracy"}, {"no_grad": [".*"]}])
def test_callbacks_hide_no_error_that_comes_before_training(config, tmp_path, train, wrong):
    config["trainer"].update(wrong, enable_default_callbacks=True)
    with pytest.raises(ConfigurationError):
        train(config, tmp_path / "run")


@pytest.mark.parametrize("lightning", [{"max_steps": 2}, {}])
def test_training_without_a_validated_epoch_keeps_its_last_weights(config, tmp_path, train, lightning):
    never = {"type": "should_validate_callback", "validation_start": 10}
    config["trainer"].update(num_epochs=2, lightning=lightning, callbacks=[] if lightning else [never])
    train(config, tmp_path / "run")
    assert (tmp_path / "run" / "model.tar.gz").is_file()


@pytest.mark.parametrize("count", [1, 3])
def test_number_of_labels_is_at_least_that_of_the_data(config, tmp_path, train, count):
    config["model"]["num_labels"] = count
    config["trainer"]["num_epochs"] = 1
    if count == 3:
        assert train(config, tmp_path / "run")["epoch"] == 0
        return
    with pytest.raises(ConfigurationError, match="num_labels: got 1; expected at least 2"):
        train(config, tmp_path / "run")


def test_label_that_the_model_never_saw_is_named_in_evaluation(config, tmp_path, train):
    config["trainer"]["num_epochs"] = 1
    train(config, tmp_path / "run")
    (tmp_path / "new.jsonl").write_text('{"text": "so so", "label": "meh"}\n')
    result = CliRunner().invoke(app, ["evaluate", str(tmp_path / "run"), str(tmp_path / "new.jsonl")])
    assert result.exit_code == 1
    assert 'got "meh"; expected "neg" or "pos"' in " ".join(result.output.split())


@Model.register("explodes_in_step_9")
class Explodes(Model):
    """A model whose loss becomes NaN in step 9."""

    def __init__(self, vocab) -> None:
        super().__init__(vocab)
        self.weight = torch.nn.Parameter(torch.ones(1))
        self.steps = 0

    def forward(self, tokens, label):
        self.steps += self.training
        return {"loss": self.weight.sum() * (float("nan") if self.steps == 9 else 1.0)}


def test_nan_loss_says_when_and_leaves_the_last_good_checkpoint(config, tmp_path, train):
    config["model"] = {"type": "explodes_in_step_9"}
    config["trainer"]["validation_metric"] = "-loss"
    with pytest.raises(TrainingError, match="not a number in epoch 1, batch 1, step 9"):
        train(config, tmp_path / "run")
    assert [file.name for file in (tmp_path / "run").glob("*.ckpt")] == ["checkpoint_e1_b0.ckpt"]


def test_dry_run_shows_data_and_model_and_trains_nothing(config, tmp_path):
    result = run(config, tmp_path, "--dry-run")
    assert result.exit_code == 0, result.output
    assert "26" in result.output
    assert "parameters can be trained" in result.output
    assert not (tmp_path / "run").exists()


def test_line_of_input_that_is_no_json_is_named(config, tmp_path, train):
    config["trainer"]["num_epochs"] = 1
    train(config, tmp_path / "run")
    (tmp_path / "input.jsonl").write_text('{"sentence": "fine"}\n{"sentense": "typo"}\n')
    result = CliRunner().invoke(app, ["predict", str(tmp_path / "run"), str(tmp_path / "input.jsonl")])
    assert result.exit_code == 1
    assert '"sentense"; expected "sentence"' in result.output
    assert "input.jsonl:2" in result.output
    (tmp_path / "input.jsonl").write_text('{"sentence": 5}\n')
    result = CliRunner().invoke(app, ["predict", str(tmp_path / "run"), str(tmp_path / "input.jsonl")])
    assert "input.jsonl:1: sentence: got 5; expected a text" in " ".join(result.output.split())
    (tmp_path / "input.jsonl").write_text("not json\n")
    result = CliRunner().invoke(app, ["predict", str(tmp_path / "run"), str(tmp_path / "input.jsonl")])
    assert "input.jsonl:1" in result.output


def test_two_texts_are_asked_for_by_name():
    reader = DatasetReader.from_params({"type": "snli", "tokenizer": "whitespace"})
    predictor = TextClassifierPredictor(torch.nn.Identity(), reader)
    with pytest.raises(ConfigurationError, match='got "sentence"; expected "premise"'):
        predictor.predict_json({"sentence": "a b"})
    with pytest.raises(ConfigurationError, match="hypothesis: got 3; expected a text"):
        predictor.predict_json({"premise": "a b", "hypothesis": 3})


def test_pair_of_texts_is_taken_in_their_order():
    reader = DatasetReader.from_params({"type": "snli", "tokenizer": "whitespace", "combine_input_fields": False})
    predictor = Predictor.by_name("textual_entailment")(torch.nn.Identity(), reader)
    instance = predictor._json_to_instance({"hypothesis": "c", "premise": "a b"})
    assert [str(token) for token in instance["premise"].tokens] == ["a", "b"]
    assert [str(token) for token in instance["hypothesis"].tokens] == ["c"]
    with pytest.raises(ConfigurationError, match='input: got "premise"; expected "hypothesis"'):
        predictor.predict_json({"premise": "a b"})


def test_words_are_a_list():
    predictor = SentenceTaggerPredictor(torch.nn.Identity(), DatasetReader.from_params({"type": "sequence_tagging"}))
    with pytest.raises(ConfigurationError, match='words: got "a b"; expected a list of words'):
        predictor.predict_json({"words": "a b"})


@TrainerCallback.register("modes")
class Modes(TrainerCallback):
    """Note in which modes modules are while batches run."""

    seen: ClassVar = {True: set(), False: set()}

    def on_batch(self, trainer, *args, is_training, **kwargs):
        self.seen[is_training] |= {module.training for module in trainer.model.modules()}


def test_whatever_mode_a_module_came_in_it_is_trained_in_training_mode(config, tmp_path, train):
    name = config["dataset_reader"]["tokenizer"]["model_name"]
    config["model"]["seq2vec_encoder"] = {"type": "bert_pooler", "pretrained_model": name}
    config["trainer"].update(num_epochs=2, callbacks=["modes"])
    train(config, tmp_path / "run")
    assert Modes.seen == {True: {True}, False: {False}}


def test_keys_of_every_allennlp_trainer_are_taken(config, tmp_path, train):
    config["trainer"].update(
        num_epochs=1,
        patience=3,
        validation_metric=["+accuracy", "-loss"],
        grad_norm=1.0,
        grad_clipping=0.5,
        use_amp=False,
        no_grad=["embeddings"],
        momentum_scheduler=None,
        moving_average={"type": "exponential", "decay": 0.9},
        run_confidence_checks=False,
        run_sanity_checks=False,
        grad_scaling=True,
        callbacks=["track_epoch_callback", "confidence_checks", {"type": "tensorboard", "summary_interval": 2}],
        lightning={"limit_train_batches": 3},
    )
    metrics = train({**config, "evaluation": {"type": "simple"}, "include_in_archive": ["*.log"]}, tmp_path / "run")
    assert metrics["epoch"] == 0


def test_test_data_need_no_labels_where_they_are_only_counted_though_streamed_and_read_as_validation_data(
    config, tmp_path, train
):
    unlabelled = tmp_path / "test.jsonl"
    unlabelled.write_text(json.dumps({"text": "the fox"}) + "\n")
    config["data_loader"].update(max_instances_in_memory=8)
    config["trainer"]["num_epochs"] = 1
    train({**config, "test_data_path": str(unlabelled)}, tmp_path / "run")
    with pytest.raises(FileContentError, match=r"test\.jsonl:1: got no label"):
        train({**config, "test_data_path": str(unlabelled), "evaluate_on_test": True}, tmp_path / "evaluated")
    with pytest.raises(FileContentError, match=r"test\.jsonl:1: got no label"):
        train({**config, "validation_data_path": str(unlabelled)}, tmp_path / "validated")


@pytest.mark.parametrize(
    ("keys", "where"),
    [
        ({"unseen_labels": "alow"}, ["unseen_labels"]),
        ({"evaluate_on_test": True}, ["evaluate_on_test"]),
        (
            {"datasets_for_vocab_creation": ["train", "tset", "test"]},
            [f"datasets_for_vocab_creation.{n}" for n in (1, 2)],
        ),
        ({"include_in_archive": ["notes.txt", "../secret"]}, ["include_in_archive.1"]),
        ({"distributed": {"cuda_devices": [0]}}, ["distributed.cuda_devices"]),
        ({"distributed": {"cuda_devices": [0, 1], "primary_port": 0}}, ["distributed.primary_port"]),
        (
            {"distributed": {"cuda_devices": [-1, -1]}, "ddp_accelerator": {"type": "deepspeed"}},
            ["distributed.ddp_accelerator.type"],
        ),
        ({"trainer": {"optimizer": "adam", "patience": 0}}, ["trainer.patience"]),
        ({"trainer": {"optimizer": "adam", "num_epochs": 0}}, ["trainer.num_epochs"]),
    ],
    ids=str,
)
def test_check_refuses_what_train_refuses(config, tmp_path, keys, where):
    file = tmp_path / "experiment.json"
    file.write_text(json.dumps(config | keys))
    checked = CliRunner().invoke(app, ["check", str(file), "--format", "json"])
    assert [each["path"] for each in json.loads(checked.stdout)] == where
    assert checked.exit_code == 1
    trained = CliRunner().invoke(app, ["train", str(file), "-s", str(tmp_path / "run"), "--dry-run"])
    assert trained.exit_code == 1
    assert all(place in trained.output for place in where)


@pytest.mark.parametrize(("of_indexer", "of_embedder"), [(4, None), (None, 4), (4, 2), (4, 4), (None, 0)])
def test_an_indexer_and_its_embedder_share_as_many_wordpieces(config, of_indexer, of_embedder):
    blocks = [
        config["dataset_reader"]["token_indexers"]["tokens"],
        config["model"]["text_field_embedder"]["token_embedders"]["tokens"],
    ]
    for block, overlap in zip(blocks, (of_indexer, of_embedder), strict=True):
        block["max_length"] = 16
        if overlap is not None:
            block["overlap"] = overlap
    problems = problems_of_experiment(config)
    if (of_indexer or 0) == (of_embedder or 0):
        assert not problems
    else:
        (problem,) = problems
        assert problem.path == "model.text_field_embedder.token_embedders.tokens.overlap"
        assert f"dataset_reader.token_indexers.tokens.overlap is {of_indexer or 0}" in problem.message
    config["dataset_reader"]["token_indexers"] = {"others": blocks[0]}
    assert not problems_of_experiment(config)
