import abc
import copy
import inspect
import pickle
import re
import subprocess
import sys
from typing import Any

import pytest

from foldformer.config import ConfigurationError, FromParams, Lazy, Params, Problem, Registrable, build, check

pytestmark = pytest.mark.usefixtures("own_registry")


class Layer(Registrable):
    pass


class Dense(Layer):
    built = 0

    def __init__(self, dim: int, activation: str = "relu", dropout: float = 0.0) -> None:
        Dense.built += 1
        self.dim = dim


class Stack(Layer):
    def __init__(self, layers: list[Layer], names: dict[str, Layer] | None = None) -> None:
        self.layers = layers


class Wrapper(Layer):
    def __init__(self, inner: Layer | None = None) -> None:
        self.inner = inner


class Matryoshka(Layer):
    """The type hint that takes the most calls for each level of a file."""

    def __init__(self, inner: Lazy[Layer] | dict[str, Any] | None = None) -> None:
        self.inner = inner


class Fails(Layer):
    def __init__(self, how: str) -> None:
        if how == "value":
            raise ValueError("no such way")
        if how == "nested":
            Dense.from_params(Params({"dim": "x"}))
        raise ConfigurationError("cannot be")


class Whole(FromParams):
    def __init__(self, model: Layer, seed: int, other: Layer | None = None) -> None:
        self.model, self.seed, self.other = model, seed, other


@pytest.fixture(autouse=True)
def _layers(own_registry):
    for name, cls in {
        "dense": Dense,
        "stack": Stack,
        "wrapper": Wrapper,
        "fails": Fails,
    }.items():
        Layer.register(name)(cls)
    Dense.built = 0


def test_a_key_that_is_there_too_is_named_all_the_same():
    (problem,) = check(Layer, {"type": "dense", "dim": 3, "dimm": 4})
    assert problem.message.endswith('did you mean "dim", which is there too?')


def test_what_code_hands_over_is_not_among_the_expected_keys():
    with pytest.raises(
        ConfigurationError, match='dimm: Dense has no such parameter; expected "activation" or "dropout"'
    ):
        build(Layer, {"type": "dense", "dimm": 4}, extras={"dim": 3})


BROKEN = {
    "model": {
        "type": "stack",
        "layers": [{"type": "dense", "dim": True}, {"type": "dens"}, {"type": "dense", "dimm": 3}],
        "names": {"a": {"type": "dense", "dim": 1, "Activation": "x", "dropout": None}},
    },
    "sed": 3,
}
EXPECTED = """\
model.layers.0.dim: got true; expected an integer
model.layers.1.type: got "dens"; expected "dense", "stack", "wrapper" or "fails"; did you mean "dense"?
model.layers.2.dim: missing; Dense needs it: expected an integer; is it "dimm", which is there?
model.layers.2.dimm: Dense has no such parameter; expected "dim", "activation" or "dropout"; did you mean "dim"?
model.names.a.dropout: got null; expected a number
model.names.a.Activation: Dense has no such parameter; expected "dim", "activation" or "dropout"; did you mean \
"activation"?
seed: missing; Whole needs it: expected an integer; is it "sed", which is there?
sed: Whole has no such parameter; expected "model", "seed" or "other"; did you mean "seed"?"""


def test_all_errors_are_found_in_one_go():
    assert "\n".join(map(str, check(Whole, BROKEN))) == EXPECTED


def test_build_refuses_with_the_same_problems_before_anything_is_built():
    with pytest.raises(ConfigurationError) as caught:
        build(Whole, BROKEN)
    assert list(caught.value.problems) == check(Whole, BROKEN)
    assert str(caught.value) == EXPECTED
    assert Dense.built == 0


def test_check_builds_nothing_and_leaves_the_data_alone():
    data = {"model": {"type": "dense", "dim": 3}, "seed": 1}
    before = copy.deepcopy(data)
    assert check(Whole, data) == []
    assert Dense.built == 0
    assert data == before


def test_params_are_checked_like_their_data_and_keep_their_place():
    assert check(Whole, Params(BROKEN)) == check(Whole, BROKEN)
    assert [each.path for each in check(Dense, Params({"dim": "x"}, "model.inner."))] == ["model.inner.dim"]
    assert [each.path for each in check(Dense, {"dim": "x"}, path="model")] == ["model.dim"]


def test_given_names_need_not_be_in_the_file():
    data = {"model": {"type": "dense"}, "seed": 1}
    assert [each.path for each in check(Whole, data)] == ["model.dim"]
    assert check(Whole, data, given=["dim"]) == []


@pytest.mark.parametrize("data", [None, 3, "x", [1], True])
def test_a_file_that_is_no_block_is_refused(data):
    (problem,) = check(Whole, data)
    assert problem.path == ""
    assert problem.message.endswith("expected a Whole block")


def test_keys_that_are_no_strings_are_refused():
    assert [each.path for each in check(Dense, {"dim": 1, 3: 4, None: 1, (1, 2): 0})] == ["3", "None", "(1, 2)"]


def test_an_abstract_class_is_refused_by_name():
    class Half(Layer, abc.ABC):
        @abc.abstractmethod
        def forward(self) -> None: ...

    Layer.register("half")(Half)
    assert inspect.isabstract(Half)
    assert str(check(Layer, "half")[0]) == "Half is abstract (it lacks forward); name a complete implementation"


def nested(levels: int, kind: str, innermost: Any = None) -> Any:
    data = innermost
    for _ in range(levels):
        data = {"type": kind, "inner": data}
    return data


def test_files_as_deep_as_they_may_be_are_checked_and_built():
    built = build(Layer, Params(nested(150, "wrapper")))
    depth = 0
    while built is not None:
        built, depth = built.inner, depth + 1
    assert depth == 150
    Layer.register("matryoshka")(Matryoshka)
    assert isinstance(build(Layer, nested(150, "matryoshka")), Matryoshka)


def test_deeper_data_are_refused_by_every_step():
    data = nested(151, "wrapper")
    too_deep = "is nested more than 150 levels deep; does something hold itself?"
    assert [str(each) for each in check(Layer, data, path="model")] == [f"model: {too_deep}"]
    with pytest.raises(ConfigurationError, match=f"^{re.escape(too_deep)}$"):
        Layer.from_params(data)
    with pytest.raises(ConfigurationError, match=f"^model: {re.escape(too_deep)}$"):
        Params(data, "model.")
    holds_itself: dict[str, Any] = {}
    holds_itself["inner"] = holds_itself
    with pytest.raises(ConfigurationError, match=f"^Params: {re.escape(too_deep)}$"):
        Params(holds_itself)


def test_a_problem_far_down_has_its_whole_path():
    data = nested(149, "wrapper", {"type": "dense"})
    assert [each.path for each in check(Layer, data)] == [".".join(["inner"] * 149 + ["dim"])]


def test_a_configuration_error_of_a_constructor_says_where_it_arose():
    data = {"model": {"type": "stack", "layers": [{"type": "fails", "how": "x"}]}, "seed": 1}
    with pytest.raises(ConfigurationError, match="^model.layers.0: cannot be$".replace(".", r"\.")):
        build(Whole, data)


def test_a_configuration_error_from_inside_a_constructor_keeps_its_own_path_too():
    data = {"model": {"type": "fails", "how": "nested"}, "seed": 1}
    with pytest.raises(ConfigurationError) as caught:
        build(Whole, data)
    assert [each.path for each in caught.value.problems] == ["model.dim"]


def test_another_error_of_a_constructor_stays_what_it_is_and_notes_the_place():
    with pytest.raises(ValueError, match="no such way") as caught:
        build(Whole, {"model": {"type": "fails", "how": "value"}, "seed": 1})
    if sys.version_info >= (3, 11):
        assert caught.value.__notes__ == ["while building model"]


def test_errors_survive_pickling():
    error = ConfigurationError(problems=[Problem("a.b", "wrong"), Problem("", "all wrong")])
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error) == "a.b: wrong\nall wrong"
    assert again.problems == error.problems
    assert ConfigurationError("text").problems == (Problem("", "text"),)


def test_the_package_imports_neither_torch_nor_transformers():
    code = "import sys, foldformer.config; print(sorted({'torch', 'transformers', 'numpy'} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
