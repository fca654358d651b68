"""The two files of an ELMo: what is in them is checked before it is believed."""

import json
import sys

import h5py
import numpy
import pytest

from foldformer.config import ConfigurationError
from foldformer.config.optional import MissingPackageError
from foldformer.nn.elmo import ElmoBiLm, ElmoCharacterEncoder, ElmoLstm
from tests.record_allennlp.tiny_elmo import tiny_options, tiny_weights, write_tiny_elmo

REMOVED = object()
CELL = "RNN_1/RNN/MultiRNNCell/Cell1/LSTMCell"


def changed(options, place, value):
    *parents, key = place.split(".")
    block = options
    for parent in parents:
        block = block[parent]
    if value is REMOVED:
        del block[key]
    else:
        block[key] = value
    return options


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        ("lstm.use_skip_connections", False, "use_skip_connections: got false; expected true"),
        ("lstm.projection_dim", 0, "projection_dim: got 0; expected an integer of at least 1"),
        ("lstm.projection_dim", "3", 'projection_dim: got "3"'),
        ("lstm.dim", True, "lstm.dim: got true"),
        ("lstm.n_layers", 1.5, "n_layers: got 1.5"),
        ("lstm.cell_clip", -1, "cell_clip: got -1; expected a number of at least 0, or null"),
        ("lstm.proj_clip", REMOVED, "proj_clip: got null"),
        ("lstm", REMOVED, "lstm.use_skip_connections: got null"),
        ("char_cnn", [], "max_characters_per_token: got null; expected 50"),
        ("char_cnn.max_characters_per_token", 25, "max_characters_per_token: got 25; expected 50"),
        ("char_cnn.activation", "gelu", 'activation: got "gelu"; expected "relu" or "tanh"'),
        ("char_cnn.filters", [[51, 2]], "filters: got .*; expected pairs of a width from 1 to 50"),
        ("char_cnn.filters", [[1, 2, 3]], "filters: got"),
        ("char_cnn.filters", [], "filters: got"),
        ("char_cnn.n_highway", -1, "n_highway: got -1; expected an integer of at least 0"),
        ("char_cnn.embedding.dim", None, "embedding.dim: got null"),
    ],
)
def test_option_that_cannot_be_is_named_with_its_file(place, value, message, tmp_path):
    files = write_tiny_elmo(tmp_path)
    (tmp_path / "options.json").write_text(json.dumps(changed(tiny_options(), place, value)))
    with pytest.raises(ConfigurationError, match=rf"options_file: .*options\.json: .*{message}"):
        ElmoBiLm(*files)


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        ("lstm.projection_dim", 10**9, r"CNN_proj/W_proj: got float32 of shape \(7, 3\); expected .*\(7, 1000000000\)"),
        ("lstm.dim", 6, r"RNN_0/RNN/MultiRNNCell/Cell0/LSTMCell/W_0: got float32 of shape \(6, 20\); expected .*24"),
        ("lstm.n_layers", 10**6, 'got no "RNN_0/RNN/MultiRNNCell/Cell2/LSTMCell/W_0"'),
        ("char_cnn.n_highway", 3, 'got no "CNN_high_2/W_transform"'),
        ("char_cnn.filters", [[1, 2], [2, 3], [3, 2]], r"CNN/W_cnn_2: got float32 of shape \(1, 4, 4, 2\)"),
        ("char_cnn.n_characters", 300, r"char_embed: got float32 of shape \(261, 4\); expected .*\(299, 4\)"),
    ],
)
def test_options_that_the_weights_do_not_bear_out_are_refused_before_room_is_made(place, value, message, tmp_path):
    files = write_tiny_elmo(tmp_path)
    (tmp_path / "options.json").write_text(json.dumps(changed(tiny_options(), place, value)))
    with pytest.raises(ConfigurationError, match=rf"weight_file: .*weights\.hdf5: {message}"):
        ElmoBiLm(*files)


def test_no_bound_may_be_null_or_zero(tmp_path, recorded):
    zero = write_tiny_elmo(tmp_path, cell_clip=0, proj_clip=0)
    one = ElmoBiLm(*zero)
    other = ElmoBiLm(*write_tiny_elmo(tmp_path, cell_clip=None, proj_clip=None))
    for model in (one, other):
        assert model._elmo_lstm.forward_layer_0.memory_cell_clip_value is None
        assert model._elmo_lstm.forward_layer_0.state_projection_clip_value is None


def test_number_of_characters_may_be_left_out_or_be_that_of_training(tmp_path):
    for value in (REMOVED, 261):
        files = write_tiny_elmo(tmp_path)
        (tmp_path / "options.json").write_text(json.dumps(changed(tiny_options(), "char_cnn.n_characters", value)))
        assert ElmoCharacterEncoder(*files)._char_embedding_weights.shape == (262, 4)


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        (f"{CELL}/B", None, 'got no "RNN_1/.*/B"; expected an array of shape \\(20,\\), as the options say'),
        (f"{CELL}/W_P_0", numpy.zeros((3, 5), "float32"), r"W_P_0: got float32 of shape \(3, 5\); expected .*\(5, 3\)"),
        ("char_embed", numpy.zeros((261, 4), "int64"), r"char_embed: got int64 of shape \(261, 4\)"),
    ],
)
def test_weights_that_do_not_fit_are_named(name, values, message, tmp_path):
    weights = {**tiny_weights(), name: values}
    files = write_tiny_elmo(tmp_path, {key: each for key, each in weights.items() if each is not None})
    with pytest.raises(ConfigurationError, match=message):
        ElmoBiLm(*files)


def test_weights_of_another_precision_become_float32(tmp_path):
    halves = {name: values.astype("float64") for name, values in tiny_weights().items()}
    assert {each.dtype.itemsize for each in ElmoBiLm(*write_tiny_elmo(tmp_path, halves)).parameters()} == {4}


def test_arrays_of_other_files_are_not_read(tmp_path):
    (tmp_path / "other").mkdir()
    _, other = write_tiny_elmo(tmp_path / "other")
    for link in (h5py.ExternalLink(other, "/char_embed"), h5py.SoftLink("/CNN/W_cnn_0")):
        files = write_tiny_elmo(tmp_path)
        with h5py.File(files[1], "a") as file:
            del file["char_embed"]
            file["char_embed"] = link
        with pytest.raises(ConfigurationError, match='got no "char_embed"'):
            ElmoBiLm(*files)
    files = write_tiny_elmo(tmp_path)
    with h5py.File(files[1], "a") as file:
        del file["char_embed"]
        (tmp_path / "raw").write_bytes(bytes(261 * 4 * 4))
        file.create_dataset("char_embed", (261, 4), "float32", external=[(str(tmp_path / "raw"), 0, 261 * 4 * 4)])
    with pytest.raises(ConfigurationError, match='got no "char_embed"'):
        ElmoBiLm(*files)


def test_files_that_are_none_are_named(tmp_path):
    options, weights = write_tiny_elmo(tmp_path)
    (tmp_path / "broken").write_text("{")
    gone, broken = str(tmp_path / "gone"), str(tmp_path / "broken")
    for arguments, message in (
        ((gone, weights), r"options_file: .*gone"),
        ((options, gone), r"weight_file: .*gone"),
        ((broken, weights), 'options_file: got ".*broken"; expected a JSON file of an ELMo'),
        ((options, broken), 'weight_file: got ".*broken"; expected an HDF5 file of ELMo weights'),
        ((str(tmp_path), weights), "options_file: got the folder"),
        ((options, str(tmp_path)), "weight_file: got the folder"),
    ):
        with pytest.raises(ConfigurationError, match=message):
            ElmoBiLm(*arguments)


def test_file_urls_are_read(tmp_path):
    options, weights = write_tiny_elmo(tmp_path)
    assert ElmoBiLm(f"file://{options}", f"file://{weights}").num_layers == 3


def test_without_h5py_the_error_says_what_to_install(tmp_path, monkeypatch):
    files = write_tiny_elmo(tmp_path)
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(MissingPackageError, match=r"needs the package h5py.*pip install 'foldformer\[elmo\]'"):
        ElmoLstm(3, 3, 5, 2).load_weights(files[1])
