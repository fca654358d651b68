"""`Params`: the behaviours of AllenNLP 2.10.1 (figures recorded from it), and where we are stricter."""

import json
from pathlib import Path

import pytest

from foldformer.config.errors import ConfigurationError
from foldformer.config.params import Params, infer_and_cast


def experiment() -> dict:
    return {
        "model": {"type": "x", "b": [1, {"c": "None"}], "a": 0.5},
        "trainer": {"n": 1},
        "zeta": 1,
        "dataset_reader": {"type": "r"},
    }


def test_hash_is_the_one_that_allennlp_gives():
    assert Params(experiment()).get_hash() == "3411878754"


def test_hash_does_not_depend_on_the_order_of_keys():
    assert Params({"a": 1, "b": 2}).get_hash() == Params({"b": 2, "a": 1}).get_hash()
    assert Params({"a": 1, "b": 2}).get_hash() != Params({"a": 2, "b": 1}).get_hash()


def test_none_as_a_string_becomes_none_without_touching_the_callers_data():
    data = experiment()
    params = Params(data)
    assert params.params["model"]["b"] == [1, {"c": None}]
    assert data == experiment()


def test_what_is_popped_stays_in_the_callers_data():
    data = experiment()
    Params(data).pop("model").pop("b")
    assert data == experiment()


def test_pop_gives_inner_objects_as_params_that_know_their_place():
    model = Params(experiment()).pop("model")
    assert isinstance(model, Params)
    assert model.history == "model."
    assert model.get("b")[1].history == "model.b.1."


def test_pop_can_keep_a_dict():
    assert Params(experiment()).pop("trainer", keep_as_dict=True) == {"n": 1}
    assert type(Params(experiment()).pop("trainer", keep_as_dict=True)) is dict


def test_inner_params_are_views_of_the_whole():
    params = Params({"m": {"n": {"o": 1}}})
    params["m"]["n"]["o"] = 5
    params["m"].get("n")["p"] = 6
    assert params.params == {"m": {"n": {"o": 5, "p": 6}}}


def test_params_assigned_into_params_become_data():
    params = Params({})
    params["model"] = Params({"a": 1})
    assert json.loads(json.dumps(params.as_dict(quiet=True))) == {"model": {"a": 1}}
    assert Params({"inner": Params({"a": "None"})}).params == {"inner": {"a": None}}


def test_pop_without_a_default_names_the_place():
    with pytest.raises(ConfigurationError, match=r"model\.inner\.size: required"):
        Params({"model": {"inner": {}}}).pop("model").pop("inner").pop("size")


def test_pop_gives_the_default_even_if_it_is_none():
    assert Params({}).pop("a", None) is None
    assert Params({}).pop("a", 3) == 3
    assert Params({}).pop("a", {"b": 1}).history == "a."


def test_get_does_not_take_out_and_defaults_to_none():
    params = Params({"a": 1})
    assert params.get("a") == 1
    assert params.get("a") == 1
    assert params.get("b") is None
    assert params.get("b", 4) == 4


@pytest.mark.parametrize(("value", "expected"), [(3, 3), ("3", 3), (3.0, 3), (None, None), ("-2", -2)])
def test_pop_int_takes_what_spells_an_integer(value, expected):
    popped = Params({"a": value}).pop_int("a")
    assert popped == expected
    assert type(popped) is type(expected)


@pytest.mark.parametrize("value", [True, 3.7, "3.5", "x", [1], {"b": 1}, float("inf"), float("nan")])
def test_pop_int_refuses_what_is_no_integer(value):
    with pytest.raises(ConfigurationError, match=r"m\.a: got .*expected an integer"):
        Params({"a": value}, "m.").pop_int("a")


@pytest.mark.parametrize(("value", "expected"), [(3, 3.0), ("3", 3.0), ("1e-3", 0.001), (0.5, 0.5), (None, None)])
def test_pop_float_takes_what_spells_a_number(value, expected):
    popped = Params({"a": value}).pop_float("a")
    assert popped == expected
    assert type(popped) is type(expected)


@pytest.mark.parametrize("value", [True, "x", [1], {"b": 1}])
def test_pop_float_refuses_what_is_no_number(value):
    with pytest.raises(ConfigurationError, match=r"a: got .*expected a number"):
        Params({"a": value}).pop_float("a")


@pytest.mark.parametrize(("value", "expected"), [(True, True), ("true", True), ("false", False), (None, None)])
def test_pop_bool_takes_what_spells_a_boolean(value, expected):
    assert Params({"a": value}).pop_bool("a") is expected


@pytest.mark.parametrize("value", [1, 0, "yes", "True", [], {}])
def test_pop_bool_refuses_what_is_no_boolean(value):
    with pytest.raises(ConfigurationError, match=r"a: got .*expected true or false"):
        Params({"a": value}).pop_bool("a")


def test_numbers_and_booleans_have_defaults():
    params = Params({})
    assert (params.pop_int("a", 1), params.pop_float("a", 2.5), params.pop_bool("a", True)) == (1, 2.5, True)
    with pytest.raises(ConfigurationError, match="a: required"):
        params.pop_int("a")


def test_pop_choice_takes_a_choice_or_a_class_path():
    assert Params({"a": "u"}).pop_choice("a", ["u", "v"]) == "u"
    assert Params({"a": "m.n"}).pop_choice("a", ["u", "v"]) == "m.n"
    assert Params({}).pop_choice("a", ["u", "v"], default_to_first_choice=True) == "u"
    assert Params({"a": 3}).pop_choice("a", [3, 4]) == 3


@pytest.mark.parametrize("value", ["w", 1, None])
def test_pop_choice_refuses_the_rest(value):
    with pytest.raises(ConfigurationError, match=r'a: got .*expected "u" or "v"'):
        Params({"a": value}).pop_choice("a", ["u", "v"])


def test_pop_choice_can_refuse_class_paths():
    with pytest.raises(ConfigurationError, match=r'got "m\.n"'):
        Params({"a": "m.n"}).pop_choice("a", ["u"], allow_class_names=False)


def test_flat_dict_joins_keys_with_dots_and_leaves_lists():
    assert Params(experiment()).as_flat_dict() == {
        "model.type": "x",
        "model.b": [1, {"c": None}],
        "model.a": 0.5,
        "trainer.n": 1,
        "zeta": 1,
        "dataset_reader.type": "r",
    }


def test_ordered_dict_has_the_usual_keys_first_and_type_before_others():
    ordered = Params(experiment()).as_ordered_dict()
    assert list(ordered) == ["dataset_reader", "model", "trainer", "zeta"]
    assert list(ordered["model"]) == ["type", "a", "b"]
    assert ordered == experiment() | {"model": {"type": "x", "b": [1, {"c": None}], "a": 0.5}}


def test_ordered_dict_orders_blocks_in_lists_too():
    assert list(Params({"a": [[{"b": 1, "type": "x"}]]}).as_ordered_dict()["a"][0][0]) == ["type", "b"]


def test_ordered_dict_follows_the_preferences_given():
    ordered = Params(experiment()).as_ordered_dict([["zeta"], ["model"]])
    assert list(ordered) == ["zeta", "model", "dataset_reader", "trainer"]
    assert list(ordered["model"]) == ["a", "b", "type"]


def test_as_dict_is_a_copy():
    params = Params(experiment())
    params.as_dict(quiet=True)["model"]["a"] = "changed"
    assert params["model"]["a"] == 0.5


def test_as_dict_logs_the_values_unless_quiet(caplog):
    caplog.set_level("INFO")
    Params({"a": {"b": 1}}, "top.").as_dict(quiet=True)
    assert not caplog.messages
    Params({"a": {"b": 1}}, "top.").as_dict()
    assert caplog.messages == ["top.a.b = 1"]


def test_as_dict_can_infer_types():
    data = {"a": "3", "b": "true", "c": "1e-3", "d": ["x", "2"], "e": None, "f": {"g": "False"}, "h": True}
    expected = {"a": 3, "b": True, "c": 0.001, "d": ["x", 2], "e": None, "f": {"g": False}, "h": True}
    assert Params(data).as_dict(quiet=True, infer_type_and_cast=True) == expected
    assert infer_and_cast(data) == expected


def test_duplicate_shares_nothing():
    params = Params(experiment(), "here.")
    copy = params.duplicate()
    copy["model"]["b"][0] = 2
    del copy["zeta"]
    copy.pop("model")
    assert params == Params(experiment())
    assert copy.history == "here."


def test_assert_empty_names_what_is_left_and_who_asked():
    Params({}).assert_empty("Model")
    with pytest.raises(ConfigurationError, match=r"m\.a, m\.b: Model has no such parameter"):
        Params({"a": 1, "b": 2}, "m.").assert_empty("Model")


def test_params_is_a_mutable_mapping():
    params = Params({"a": 1})
    params.update({"b": 2})
    del params["a"]
    assert dict(params) == {"b": 2}
    assert len(params) == 1
    assert "a" not in params
    with pytest.raises(KeyError):
        params["a"]
    assert str(Params({"a": 1}, "m.")) == "m.Params({'a': 1})"


def test_file_written_is_read_again(tmp_path: Path):
    params = Params(experiment())
    params.to_file(tmp_path / "config.json")
    text = (tmp_path / "config.json").read_text()
    assert list(json.loads(text)) == ["dataset_reader", "model", "trainer", "zeta"]
    assert Params.from_file(str(tmp_path / "config.json")) == params


def test_from_file_takes_overrides_as_dict_or_text_and_ext_vars(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("SIZE", "small")
    (tmp_path / "f.jsonnet").write_text('{a: {b: [1, 2]}, size: std.extVar("SIZE"), kind: std.extVar("KIND")}')
    text = '{"a.b.1": 7, size: std.extVar("KIND")}'
    assert Params.from_file(tmp_path / "f.jsonnet", {"a.b.0": 5}, {"KIND": "k"}).params == {
        "a": {"b": [5, 2]},
        "size": "small",
        "kind": "k",
    }
    assert Params.from_file(tmp_path / "f.jsonnet", text, ext_vars={"KIND": "k"}).params == {
        "a": {"b": [1, 7]},
        "size": "k",
        "kind": "k",
    }


def test_from_file_calls_a_file_that_is_a_function(tmp_path: Path):
    (tmp_path / "f.jsonnet").write_text("function(layers, rate=0.5) {layers: layers, rate: rate}")
    assert Params.from_file(tmp_path / "f.jsonnet", arguments={"layers": 3}).params == {"layers": 3, "rate": 0.5}


def test_from_file_wants_an_object(tmp_path: Path):
    (tmp_path / "f.jsonnet").write_text("[1]")
    with pytest.raises(ConfigurationError, match=r"f\.jsonnet: got a list at the top; expected an object"):
        Params.from_file(tmp_path / "f.jsonnet")
