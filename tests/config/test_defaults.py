"""Filling in defaults: the same object, whatever the defaults become."""

import json
from typing import Annotated, Any

import pytest

from foldformer.config import ConfigurationError, FromParams, Lazy, Params, Provides, Registrable, build, check
from foldformer.config.defaults import fill_defaults

pytestmark = pytest.mark.usefixtures("menagerie", "own_registry")


@pytest.mark.parametrize("index", range(3))
def test_filled_file_is_valid_json_and_filling_it_again_changes_nothing(menagerie, index):
    filled = fill_defaults(menagerie.Zoo, menagerie.VALID[index])
    assert check(menagerie.Zoo, filled) == []
    assert json.loads(json.dumps(filled, allow_nan=False)) == filled
    assert fill_defaults(menagerie.Zoo, filled) == filled


def test_defaults_of_the_smallest_file_are_all_there(menagerie):
    assert fill_defaults(menagerie.Zoo, menagerie.VALID[0]) == {
        "type": "city",
        "animals": {},
        # Its badge is handed over by the zoo, so it stays away.
        "keeper": {"name": "Ann", "shift": "day", "favourite": None},
        "enclosures": [],
        "plan": "plan.txt",
        "tickets": None,
        "path": [],
        "names": [],
        "star": None,
        "rating": 5,
        "weight": 1.5,
        "box": None,
        "boxes": {},
        "kind": "foldformer_test_menagerie.Cat",
        "helper": None,
        "rooms": {},
        "opened": True,
        "motto": None,
        "feed": None,
    }


def test_inner_blocks_are_filled_wherever_they_stand(menagerie):
    filled = fill_defaults(menagerie.Zoo, menagerie.VALID[1])
    cat = {"type": "cat", "name": "tom", "weight": 4.5, "diet": "meat"}
    assert filled["animals"]["felix"] == cat
    assert filled["animals"]["plain"] == cat
    assert filled["animals"]["pack"]["members"][0] == cat
    assert filled["animals"]["pack"]["members"][1]["tame"] is False
    assert filled["animals"]["pack"]["territory"][0] == {"row": 1, "column": 0, "labels": ["sunny"]}
    assert filled["animals"]["hunters"] == {"type": "hunting_wolves", "prey": ["hare", "deer"], "speed": 3}
    assert filled["animals"]["leo"] == {"type": "chameleon", "anything": [1, {"goes": None}]}
    assert filled["keeper"]["favourite"] == {**cat, "diet": "PLANTS"}
    assert filled["boxes"]["a"]["content"] == [cat, {**cat, "name": "in a box"}]
    assert filled["motto"] == {"free": ["data", 1, None]}


def test_what_the_file_says_stays_and_is_not_touched(menagerie):
    before = json.dumps(menagerie.VALID)
    fill_defaults(menagerie.Zoo, menagerie.VALID[1])
    assert json.dumps(menagerie.VALID) == before


def test_filled_file_keeps_its_meaning_when_defaults_change():
    class Machine(Registrable):
        pass

    def define(speed: int, gear: str):
        class Engine(Machine):
            def __init__(self, speed: int = speed, gear: str = gear) -> None:
                self.settings = (speed, gear)

        Machine.register("engine", exist_ok=True)(Engine)

    define(1, "low")
    filled = fill_defaults(Machine, {"type": "engine", "gear": "own"})
    define(2, "high")
    assert build(Machine, filled).settings == (1, "own")
    assert build(Machine, {"type": "engine", "gear": "own"}).settings == (2, "own")


def test_default_that_no_file_can_hold_stays_away():
    class Holder(FromParams):
        def __init__(self, thing: Any = object(), size: int = "not an int", rate: float = float("inf"), n: int = 1):  # noqa: B008
            self.n = n

    assert fill_defaults(Holder, {}) == {"n": 1}


def test_lazy_default_is_written_as_a_block():
    class Optimizer(Registrable):
        pass

    @Optimizer.register("adam")
    class Adam(Optimizer):
        def __init__(self, parameters: list, lr: float = 0.1, decay: float | None = None) -> None:
            self.settings = (parameters, lr)

    class Trainer(FromParams):
        def __init__(self, optimizer: Lazy[Optimizer] = Lazy(Adam, Params({"lr": 0.5}))) -> None:  # noqa: B008
            self.optimizer = optimizer.construct(parameters=[1])

    filled = fill_defaults(Trainer, {})
    # `decay` is None by default and nobody said what `construct` is given, so it may be one of these.
    assert filled == {"optimizer": {"type": "adam", "lr": 0.5}}
    assert build(Trainer, filled).optimizer.settings == ([1], 0.5)
    assert fill_defaults(Trainer, {"optimizer": "adam"}) == {"optimizer": {"type": "adam", "lr": 0.1}}


def test_defaults_inside_a_default_are_filled_too():
    class Optimizer(Registrable):
        pass

    @Optimizer.register("adam")
    class Adam(Optimizer):
        def __init__(self, lr: float = 0.1) -> None: ...

    class Trainer(FromParams):
        def __init__(self, optimizer: Lazy[Optimizer] = Lazy(Adam)) -> None: ...  # noqa: B008

    assert fill_defaults(Trainer, {}) == {"optimizer": {"type": "adam", "lr": 0.1}}


def test_parameter_that_code_hands_over_stays_away_whatever_its_default():
    class Part(FromParams):
        def __init__(self, size: int = 1, length: int = 2) -> None:
            self.settings = (size, length)

    class Whole(FromParams):
        def __init__(self, part: Annotated[Lazy[Part], Provides("size")]) -> None:
            self.part = part.construct(size=7)

    filled = fill_defaults(Whole, {"part": {}})
    assert filled == {"part": {"length": 2}}
    assert build(Whole, filled).part.settings == (7, 2)


def test_file_with_errors_is_refused_with_all_of_them(menagerie):
    with pytest.raises(ConfigurationError) as error:
        fill_defaults(menagerie.Zoo, {"animals": 3, "keeper": {"name": "Ann", "shift": "day"}})
    assert [problem.path for problem in error.value.problems] == ["animals", "enclosures"]
