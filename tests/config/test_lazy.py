from typing import Annotated, Optional

import pytest

from foldformer.config import ConfigurationError, FromParams, Lazy, Params, Provides, Registrable, build, check

pytestmark = pytest.mark.usefixtures("own_registry")


class Optimizer(Registrable):
    default_implementation = "sgd"


class Sgd(Optimizer):
    def __init__(self, weights: list, rate: float = 0.1) -> None:
        self.weights, self.rate = weights, rate


class Averaged(Optimizer):
    def __init__(self, inner: Optimizer, decay: float) -> None:
        self.inner, self.decay = inner, decay


class Trainer(FromParams):
    def __init__(
        self,
        optimizer: Lazy[Optimizer],
        second: Optional[Lazy[Optimizer]] = None,  # noqa: UP045
        third: Lazy[Optimizer] = Lazy(Sgd, rate=0.7),  # noqa: B008
    ) -> None:
        self.optimizer, self.second, self.third = optimizer, second, third


class Declared(FromParams):
    def __init__(self, optimizer: Annotated[Lazy[Optimizer], Provides("weights", "steps")]) -> None:
        self.optimizer = optimizer


class DeclaredOptional(FromParams):
    def __init__(self, optimizer: Annotated[Lazy[Optimizer] | None, Provides("weights")] = None) -> None:
        self.optimizer = optimizer


@pytest.fixture(autouse=True)
def _optimizers(own_registry):
    Optimizer.register("sgd")(Sgd)
    Optimizer.register("averaged")(Averaged)


def test_construct_builds_with_what_the_holder_hands_over():
    trainer = Trainer.from_params(Params({"optimizer": {"type": "sgd", "rate": 1}}))
    built = trainer.optimizer.construct(weights=[1])
    assert (built.weights, built.rate) == ([1], 1.0)
    assert trainer.second is None


def test_construct_makes_a_new_object_each_time():
    lazy = Trainer.from_params(Params({"optimizer": "sgd"})).optimizer
    assert lazy.construct(weights=[]) is not lazy.construct(weights=[])


def test_a_lazy_default_builds_its_class():
    trainer = Trainer.from_params(Params({"optimizer": "sgd"}))
    assert trainer.third.construct(weights=[3]).rate == 0.7


def test_a_lazy_default_of_a_base_builds_the_default_implementation():
    assert isinstance(Lazy(Optimizer).construct(weights=[]), Sgd)


def test_lazy_takes_params_and_extras_when_it_is_made():
    assert Lazy(Optimizer, Params({"type": "sgd", "rate": 3}), {"weights": [5]}).construct().weights == [5]


def test_arguments_of_construct_win_over_earlier_extras():
    assert Lazy(Sgd, constructor_extras={"weights": [1]}).construct(weights=[2]).weights == [2]


def test_construct_passes_extras_down_the_tree():
    lazy = Lazy(Optimizer, Params({"type": "averaged", "inner": {"type": "sgd"}, "decay": 0.9}))
    assert lazy.construct(weights=[4]).inner.weights == [4]


def test_extras_of_the_file_s_reader_reach_the_lazy_object():
    trainer = Trainer.from_params(Params({"optimizer": "sgd"}), weights=[8])
    assert trainer.optimizer.construct().weights == [8]


def test_construct_leaves_its_params_as_they_were():
    params = Params({"type": "sgd", "rate": 3})
    Lazy(Optimizer, params).construct(weights=[])
    assert params.as_dict() == {"type": "sgd", "rate": 3}


def test_ours_an_argument_that_nothing_takes_is_an_error():
    lazy = Trainer.from_params(Params({"optimizer": "sgd"})).optimizer
    with pytest.raises(ConfigurationError, match="optimizer: nothing takes the argument 'wieghts'"):
        lazy.construct(weights=[], wieghts=[])
    with pytest.raises(ConfigurationError, match="nothing takes the argument 'speed'"):
        Lazy(Sgd, speed=1).construct(weights=[])


def test_what_the_block_says_wins_over_an_argument_and_is_warned_about(caplog):
    lazy = Trainer.from_params(Params({"optimizer": {"type": "sgd", "rate": 3}})).optimizer
    assert lazy.construct(weights=[], rate=5).rate == 3.0
    assert "optimizer.rate: the file says what it is" in caplog.text


def test_an_argument_that_the_holder_declared_may_go_unused():
    lazy = Declared.from_params(Params({"optimizer": "sgd"})).optimizer
    assert lazy.construct(weights=[], steps=3).weights == []


def test_constructor_is_a_function_that_builds():
    assert Lazy(Sgd).constructor(weights=[1]).weights == [1]


def test_ours_a_function_is_called_with_params_and_arguments():
    def make(rate: float, weights: list) -> Sgd:
        return Sgd(weights, rate)

    assert Lazy(make, {"rate": 1}).construct(weights=[2]).rate == 1.0
    assert Lazy(lambda **given: given).construct(a=1) == {"a": 1}
    with pytest.raises(ConfigurationError, match="nothing takes the argument 'b'"):
        Lazy(make, {"rate": 1}).construct(weights=[2], b=1)


def test_what_is_inside_a_lazy_block_is_checked_before_anything_is_built():
    problems = check(Trainer, {"optimizer": {"type": "averaged", "inner": {"type": "sgdd"}, "decay": "x"}, "second": 3})
    assert [problem.path for problem in problems] == ["optimizer.inner.type", "optimizer.decay", "second"]


def test_missing_arguments_are_not_judged_where_nobody_declared_what_is_provided():
    assert check(Trainer, {"optimizer": {"type": "averaged", "inner": {"type": "sgd"}}}) == []


@pytest.mark.parametrize("holder", [Declared, DeclaredOptional])
def test_missing_arguments_are_judged_where_the_holder_declared_what_it_provides(holder):
    assert check(holder, {"optimizer": {"type": "sgd"}}) == []
    problems = check(holder, {"optimizer": {"type": "averaged", "inner": {"type": "sgd"}}})
    assert list(map(str, problems)) == ["optimizer.decay: missing; Averaged needs it: expected a number"]


def test_ours_errors_of_construct_name_the_place_in_the_file():
    trainer = Trainer.from_params(Params({"optimizer": {"type": "averaged", "inner": "sgd"}}))
    with pytest.raises(ConfigurationError) as caught:
        trainer.optimizer.construct()
    assert [problem.path for problem in caught.value.problems] == ["optimizer.inner.weights", "optimizer.decay"]


def test_ours_a_lazy_object_in_hand_made_data_is_passed_as_it_is():
    lazy = Lazy(Sgd)
    assert build(Trainer, {"optimizer": lazy}).optimizer is lazy
