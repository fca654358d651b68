"""What AllenNLP's `common` and `training` had for the convenience of projects."""

import json
import subprocess
import sys

import pytest


@pytest.fixture
def run(tmp_path):
    def run(code: str) -> str:
        command = [sys.executable, "-c", f"import foldformer.allennlp\n{code}"]
        finished = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
        assert finished.returncode == 0, finished.stderr
        return finished.stdout

    return run


def test_files_are_read_as_texts_compressed_or_not(run, tmp_path):
    code = """
import gzip, json

from allennlp.common.file_utils import cached_path, hardlink_or_copy, open_compressed, read_set_from_file
from allennlp.common.file_utils import get_file_extension, is_url_or_existing_file
from allennlp.common.file_utils import json_lines_from_file, text_lines_from_file
with gzip.open("lines.jsonl.gz", "wt") as file:
    file.write('{"a": 1} \\n"b"\\n"b"\\n')
path = cached_path("lines.jsonl.gz")
assert isinstance(path, str) and path.endswith(".gz")
assert list(json_lines_from_file(path)) == [{"a": 1}, "b", "b"]
assert list(text_lines_from_file(path, strip_lines=False))[0] == '{"a": 1} \\n'
assert read_set_from_file(path) == {'{"a": 1}', '"b"'}
with open_compressed(path) as file:
    assert file.read().count("b") == 2
with open_compressed(path, "rb") as file:
    assert file.read(3) == b'{"a'
hardlink_or_copy(path, "copy.gz")
assert is_url_or_existing_file("copy.gz") and is_url_or_existing_file("s3://x/y")
assert not is_url_or_existing_file("no.gz") and not is_url_or_existing_file(None)
assert [get_file_extension("A.TXT"), get_file_extension("A.TXT", dot=False, lower=False)] == [".txt", "TXT"]
"""
    run(code)
    assert (tmp_path / "copy.gz").read_bytes() == (tmp_path / "lines.jsonl.gz").read_bytes()


def test_names_are_found_in_modules_that_imported_them(run):
    run(
        "from allennlp.predictors.predictor import JsonDict\n"
        "from allennlp.training.trainer import TensorDict\n"
        "from allennlp.data.dataset_readers.dataset_reader import Instance\n"
        "import foldformer.data\n"
        "assert Instance is foldformer.data.Instance\n"
        "import allennlp.models\n"
        "assert not hasattr(allennlp.models, 'Modle')"
    )


def test_logs_bars_and_plugins(run, tmp_path):
    (tmp_path / ".allennlp_plugins").write_text("their_plugin\n\n")
    (tmp_path / "their_plugin.py").write_text("open('plugged_in', 'w').close()\n")
    code = """
import logging
from allennlp.common import Tqdm
from allennlp.common import logging as common_logging
from allennlp.common.logging import AllenNlpLogger, prepare_global_logging
from allennlp.common.plugins import import_plugins
common_logging.FILE_FRIENDLY_LOGGING = True
assert list(Tqdm.tqdm([1, 2], disable=True)) == [1, 2]
prepare_global_logging(".")
logging.setLoggerClass(AllenNlpLogger)
logger = logging.getLogger("theirs")
for _ in range(3):
    logger.warning_once("only %s", "once")
assert not hasattr(logger, "shout_once")
import_plugins()
"""
    assert run(code) == ""
    assert (tmp_path / "plugged_in").exists()
    assert (tmp_path / "out.log").read_text().count("only once") == 1


def test_transformers_are_shared_or_copied(run, tiny_model):
    code = f"""
from allennlp.common import cached_transformers
name = {tiny_model("bert")!r}
first = cached_transformers.get(name, False)
assert cached_transformers.get(name, make_copy=False) is first
assert cached_transformers.get(name, True) is not first
assert cached_transformers.get_tokenizer(name) is cached_transformers.get_tokenizer(name)
"""
    run(code)


CALLBACKS = """
import json
from allennlp.commands.train import train_model_from_file
from allennlp.training.trainer import BatchCallback, EpochCallback, GradientDescentTrainer
SEEN = []

@EpochCallback.register("note_epoch")
class NoteEpoch(EpochCallback):
    def __call__(self, trainer: GradientDescentTrainer, metrics, epoch: int, is_master: bool) -> None:
        SEEN.append([epoch, is_master, "training_loss" in metrics])
        trainer._tensorboard.add_validation_scalar("own/epoch", epoch + 0.5, timestep=epoch + 1)

@BatchCallback.register("note_batch")
class NoteBatch(BatchCallback):
    def __call__(self, trainer, batch_inputs, batch_outputs, epoch, batch_number, is_training, is_master) -> None:
        SEEN.append([epoch, batch_number, is_training, "loss" in batch_outputs[0]])
        trainer._tensorboard.add_train_scalar("own/batch", batch_outputs[0]["loss"] * 0 + 10)

train_model_from_file("experiment.json", "out")
print("SEEN", json.dumps(SEEN))
"""


def scalars(folder):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    read = EventAccumulator(str(folder))
    read.Reload()
    return {name: [(each.step, each.value) for each in read.Scalars(name)] for name in read.Tags()["scalars"]}


def test_callbacks_of_allennlp_1_are_called(run, tmp_path):
    (tmp_path / "data.jsonl").write_text('{"text": "good", "label": "a"}\n{"text": "bad", "label": "b"}\n')
    embedder = {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 4}}}
    experiment = {
        "dataset_reader": {"type": "text_classification_json"},
        "train_data_path": "data.jsonl",
        "model": {
            "type": "basic_classifier",
            "text_field_embedder": embedder,
            "seq2vec_encoder": {"type": "boe", "embedding_dim": 4},
        },
        "data_loader": {"batch_size": 2},
        "trainer": {
            "optimizer": "adam",
            "num_epochs": 2,
            "cuda_device": -1,
            "epoch_callbacks": ["note_epoch"],
            "batch_callbacks": ["note_batch"],
        },
    }
    (tmp_path / "experiment.json").write_text(json.dumps(experiment))
    seen = json.loads(run(CALLBACKS).rpartition("SEEN")[2])
    assert seen == [[-1, True, False], [0, 1, True, True], [0, True, True], [1, 1, True, True], [1, True, True]]
    assert scalars(tmp_path / "out/log/validation")["own/epoch"] == [(0, -0.5), (1, 0.5), (2, 1.5)]
    assert scalars(tmp_path / "out/log/train")["own/batch"] == [(1, 10.0), (2, 10.0)]


def test_models_are_wrapped_for_trainers_of_ones_own(run):
    code = """
import torch
from allennlp.nn.parallel import DdpAccelerator, TorchDdpAccelerator
from allennlp.training.trainer import TrainerCheckpoint
from pathlib import Path
meet = Path("meet").absolute().as_uri()
torch.distributed.init_process_group("gloo", init_method=meet, rank=0, world_size=1)
accelerator = DdpAccelerator.from_params({"type": "torch"}, local_rank=0, world_size=1)
assert isinstance(accelerator, TorchDdpAccelerator)
model, wrapped = accelerator.wrap_model(torch.nn.Linear(2, 1))
wrapped.model(torch.ones(1, 2)).sum().backward()
assert not wrapped.is_sharded
assert wrapped.clip_grad_norm_(1.0) > 1
assert wrapped.load_state_dict(wrapped.state_dict()).missing_keys == []
assert TrainerCheckpoint({}, {"epoch": 1}).trainer_state == {"epoch": 1}
torch.distributed.destroy_process_group()
"""
    run(code)
