"""The writer of curves against AllenNLP 2.0's."""

import importlib.util
import json
from pathlib import Path

import pytest

from foldformer.allennlp.training.tensorboard_writer import TensorBoardWriter
from foldformer.config import Lazy, Params

HERE = Path(__file__).parent
RECORDS = json.loads((HERE / "curves.json").read_text())


def curves():
    spec = importlib.util.spec_from_file_location("curves", HERE / "curves.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CURVES = curves()


def named(name):
    """Without the module of a class, which lies elsewhere on the other side."""
    return name.replace("<class 'curves.", "<class '")


@pytest.mark.parametrize(("options", "record"), list(zip(CURVES.OPTIONS, RECORDS, strict=True)))
def test_what_is_written_is_what_allennlp_writes(options, record):
    events = CURVES.play(TensorBoardWriter, **options)
    assert [(part, named(name), step) for part, name, _, step in events] == [
        (part, named(name), step) for part, name, _, step in record
    ]
    for (_, name, found, _), (_, _, expected, _) in zip(events, record, strict=True):
        assert found == pytest.approx(expected, rel=1e-4, abs=1e-6), name


def test_options_write_different_things():
    assert len({json.dumps(each) for each in RECORDS}) == len(CURVES.OPTIONS)


def test_writer_without_a_folder_or_a_step():
    TensorBoardWriter().add_train_scalar("a", 1.0)
    counting = TensorBoardWriter()
    with pytest.raises(ValueError, match="get_batch_num_total: got None; expected a function"):
        counting.should_log_this_batch()


def test_file_may_describe_one(tmp_path):
    lazy: Lazy[TensorBoardWriter] = Lazy(TensorBoardWriter, params=Params({"summary_interval": 2}))
    writer = lazy.construct(serialization_dir=str(tmp_path))
    writer.get_batch_num_total = lambda: 3
    assert not writer.should_log_this_batch()
    assert list(tmp_path.iterdir()) == []
