from typing import Any, NamedTuple

import pytest

from foldformer.config import FromParams, Registrable, build, check, review
from foldformer.config.check.docstrings import parameter_descriptions, summary
from foldformer.config.check.signature import MISSING, Factory, signature_of, signature_of_callable
from foldformer.config.check.values import Integer, Text

from . import named_elsewhere as elsewhere

pytestmark = pytest.mark.usefixtures("own_registry")


class Top(FromParams):
    def __init__(self, a: int, b: str = "b") -> None:
        self.a, self.b = a, b


class Middle(Top):
    def __init__(self, c: int = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.c = c


class Bottom(Middle):
    def __init__(self, b: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, b=str(b), **kwargs)


class PassesOn(Middle):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class Mixin:
    def __init__(self, mixed: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mixed = mixed


class Mixed(Mixin, Top):
    def __init__(self, own: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.own = own


class Open(FromParams):
    def __init__(self, a: int, **options: int) -> None:
        self.options = options


class Silent(FromParams):
    def __init__(self, a, b=3) -> None:
        self.a, self.b = a, b


class ByPosition(FromParams):
    def __init__(self, a: int = 0, /, b: int = 1, *, c: int) -> None:
        self.a, self.b, self.c = a, b, c


class Made(FromParams):
    def __init__(self, size: int) -> None:
        self.size = size

    @classmethod
    def double(cls, half: int, **kwargs: Any) -> "Made":
        return cls(size=kwargs.get("size", half * 2))


class MadeBelow(Made):
    @classmethod
    def double(cls, label: str, **kwargs: Any) -> "MadeBelow":
        built = super().double(**kwargs)
        built.label = label
        return built


class ImplicitOptional(FromParams):
    def __init__(self, a: int = None, b: int = 3) -> None:  # noqa: RUF013  (ported components write this)
        self.a, self.b = a, b


class Point(NamedTuple):
    x: int
    y: int = 0


def test_kwargs_are_followed_through_every_superclass():
    assert list(signature_of(Middle).parameters) == ["c", "a", "b"]
    built = build(Middle, {"a": 1, "c": 2})
    assert (built.a, built.b, built.c) == (1, "b", 2)


def test_the_subclass_s_own_parameter_hides_the_superclass_s():
    parameters = signature_of(Bottom).parameters
    assert parameters["b"].node == Integer()
    assert parameters["b"].default is MISSING
    assert build(Bottom, {"a": 1, "b": 7}).b == "7"
    assert signature_of(Middle).parameters["b"].node == Text()


def test_a_constructor_that_only_passes_on_is_looked_through():
    assert list(signature_of(PassesOn).parameters) == ["c", "a", "b"]


def test_a_mixin_takes_its_part_of_the_kwargs():
    built = build(Mixed, {"own": 1, "mixed": 2, "a": 3})
    assert (built.own, built.mixed, built.a, built.b) == (1, 2, 3, "b")
    assert [str(each).split(";")[0] for each in check(Mixed, {"own": 1, "a": 3, "x": 1})] == [
        "x: Mixed has no such parameter"
    ]


def test_kwargs_that_a_constructor_keeps_are_checked_with_their_own_hint():
    assert build(Open, {"a": 1, "x": 2}).options == {"x": 2}
    assert str(check(Open, {"a": 1, "x": "2"})[0]) == 'x: got "2"; expected an integer'
    assert check(Open, {"a": 1, 5: 2})[0].path == "5"


def test_kwargs_of_a_classmethod_reach_the_constructor():
    assert list(signature_of(Made, "double").parameters) == ["half", "size"]
    assert signature_of_callable(Made.double).parameters == signature_of(Made, "double").parameters


def test_kwargs_of_a_classmethod_reach_the_superclass_s_method_first():
    assert list(signature_of(MadeBelow, "double").parameters) == ["label", "half", "size"]


def test_an_unannotated_parameter_is_plain_data_and_a_warning_says_what_to_annotate():
    data = {"a": {"x": [1]}, "b": 2}
    found = review(Silent, data)
    assert found.problems == []
    assert [str(each) for each in found.warnings] == [
        f"{name}: is not checked: Silent does not say what it takes; annotate it, for example `{name}: int`"
        for name in "ab"
    ]
    built = build(Silent, data)
    assert built.a == {"x": [1]}
    assert built.a is not data["a"]


def test_a_missing_parameter_without_annotation_is_missed():
    assert str(check(Silent, {})[0]) == "a: missing; Silent needs it: expected anything"


def test_an_unannotated_parameter_can_be_an_extra_or_keep_its_default():
    assert check(Silent, {}, given=["a"]) == []
    assert Silent.from_params({}, a=5).a == 5


def test_a_positional_only_parameter_says_what_to_change():
    assert "takes it by position only; remove the `/`" in str(check(ByPosition, {"a": 1, "c": 2})[0])
    built = build(ByPosition, {"c": 2})
    assert (built.a, built.b, built.c) == (0, 1, 2)


def test_null_passes_where_the_default_is_null_and_nowhere_else():
    assert build(ImplicitOptional, {"a": None}).a is None
    assert [str(each) for each in check(ImplicitOptional, {"a": None, "b": None})] == [
        "b: got null; expected an integer"
    ]


def test_string_annotations_are_resolved_in_their_module():
    data = {"base": {"type": "through", "colour": "red", "size": 3}, "options": {"depth": 2, "names": ["a"]}}
    elsewhere.Base.register("through")(elsewhere.Through)
    built = build(
        elsewhere.Holder, {**data, "inner": {"depth": 1}, "later": {"type": "through", "colour": "b"}, "me": data}
    )
    assert (built.base.size, built.options.names, built.inner.depth) == (3, ["a"], 1)
    assert built.me.base.colour == "red"
    assert built.later.construct(size=9).size == 9
    data["base"]["limit"] = "x"
    assert [each.path for each in check(elsewhere.Holder, data)] == ["base.limit"]


def test_a_string_annotation_that_cannot_be_resolved_spoils_only_its_own_parameter():
    elsewhere.Base.register("through")(elsewhere.Through)
    problems = check(elsewhere.Holder, {"base": {"type": "through"}, "options": {"depth": "x"}, "price": 3})
    assert [each.path for each in problems] == ["base.colour", "base.size", "options.depth", "price"]
    assert "name 'Decimal' is not defined" in problems[-1].message
    assert "outside `if TYPE_CHECKING`" in problems[-1].message


def test_factories_of_dataclasses_are_defaults():
    names = signature_of(elsewhere.Options).parameters["names"]
    assert isinstance(names.default, Factory)
    assert names.default.make() == []
    assert not names.required


def test_a_class_with_new_instead_of_init_is_inspected():
    class Base(Registrable):
        pass

    Base.register("point")(Point)
    assert build(Base, {"type": "point", "x": 3}) == Point(3, 0)
    assert check(Base, {"type": "point", "x": "3"})[0].path == "x"


def test_a_class_that_cannot_be_inspected_takes_nothing():
    class Base(Registrable):
        pass

    Base.register("int")(int)
    assert build(Base, "int") == 0
    assert check(Base, {"type": "int", "x": 1})[0].path == "x"


def test_descriptions_come_from_the_docstring_of_whoever_declares_the_parameter():
    parameters = signature_of(elsewhere.Holder).parameters
    assert parameters["base"].description == "What it holds, in two lines."
    assert parameters["options"].description == "Settings."
    assert parameters["inner"].description == ""
    assert signature_of(elsewhere.Through).parameters["colour"].description == "Its colour."
    assert summary(elsewhere.Through) == "Hands on."


def test_docstrings_of_ported_components_are_read():
    class Ported:
        """
        An embedder.

        # Parameters

        dim : `int`
            How wide
            it is.
        rate : `float`, optional (default = `0.1`)
            How fast.

        # Returns

        nothing : `None`
        """

    assert parameter_descriptions([Ported]) == {"dim": "How wide it is.", "rate": "How fast."}
    assert summary(Ported) == "An embedder."
