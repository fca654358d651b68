import re
from typing import ClassVar

import pytest

from foldformer.config import ConfigurationError, Registrable
from foldformer.config.registrable import registered_bases, registrations

pytestmark = pytest.mark.usefixtures("own_registry")


class Shape(Registrable):
    default_implementation = "square"


class Other(Registrable):
    pass


class Kept(Shape):
    class Inner(Shape):
        pass


def make_square():
    @Shape.register("square")
    class Square(Shape):
        pass

    return Square


def test_register_gives_the_class_back_unchanged():
    class Square(Shape):
        pass

    assert Shape.register("square")(Square) is Square


def test_by_name_gives_the_registered_class():
    assert Shape.by_name("kept" if Shape.register("kept")(Kept) else "") is Kept


def test_by_name_gives_the_bound_classmethod_that_was_registered():
    @Shape.register("unit", constructor="unit")
    class Square(Shape):
        def __init__(self, side: int) -> None:
            self.side = side

        @classmethod
        def unit(cls) -> "Square":
            return cls(1)

    assert Shape.by_name("unit")().side == 1
    assert Shape.resolve_class_name("unit") == (Square, "unit")


def test_resolve_class_name_says_that_there_is_no_constructor():
    square = make_square()
    assert Shape.resolve_class_name("square") == (square, None)


def test_a_class_can_stand_under_several_names_and_bases():
    @Shape.register("one")
    @Shape.register("two")
    @Other.register("three")
    class Both(Shape, Other):
        pass

    assert Shape.by_name("one") is Shape.by_name("two") is Other.by_name("three") is Both
    assert Other.list_available() == ["three"]


def test_a_class_that_is_no_subclass_can_be_registered():
    @Shape.register("foreign")
    class Foreign:
        pass

    assert Shape.by_name("foreign") is Foreign


def test_list_available_puts_the_default_first():
    Shape.register("circle")(Kept)
    make_square()
    Shape.register("apple")(Kept)
    assert Shape.list_available() == ["square", "circle", "apple"]


def test_list_available_keeps_the_order_of_registration_without_a_default():
    Other.register("z")(Kept)
    Other.register("a")(Kept)
    assert Other.list_available() == ["z", "a"]


def test_list_available_refuses_a_default_that_is_not_registered():
    Shape.register("squares")(Kept)
    with pytest.raises(ConfigurationError, match=r"default_implementation is 'square'.*did you mean \"squares\"\?"):
        Shape.list_available()


def test_registering_a_name_twice_names_both_places():
    make_square()
    with pytest.raises(ConfigurationError) as caught:
        make_square()
    lines = re.findall(rf"{re.escape(__file__)}:\d+", str(caught.value))
    assert len(lines) == 2
    assert str(caught.value).count("make_square.<locals>.Square") == 2
    assert "exist_ok=True" in str(caught.value)


def test_exist_ok_replaces_the_earlier_class():
    make_square()
    Shape.register("square", exist_ok=True)(Kept)
    assert Shape.by_name("square") is Kept


def test_the_same_name_is_free_under_another_base():
    make_square()
    Other.register("square")(Kept)
    assert Other.by_name("square") is Kept


def test_a_constructor_that_does_not_exist_is_refused_when_it_is_registered():
    class Square(Shape):
        @classmethod
        def from_side(cls) -> "Square":
            return cls()

    with pytest.raises(ConfigurationError, match=r'does not have.*did you mean "from_side"'):
        Shape.register("bad", constructor="from_sides")(Square)


def test_a_class_is_found_by_its_path():
    assert Shape.by_name("foldformer.config.experiment.Experiment").__name__ == "Experiment"


def test_a_nested_class_is_found_by_its_path():
    found, _ = Shape.resolve_class_name("foldformer.config.params.Params")
    assert found.__name__ == "Params"
    assert Shape.by_name("enum.Enum") is __import__("enum").Enum
    assert Shape.by_name("json.decoder.JSONDecoder").__name__ == "JSONDecoder"
    assert Shape.by_name("argparse.Namespace.__class__") is type


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("no_such_package.Thing", "No module named 'no_such_package'"),
        ("json.no_such_module.Thing", r'module json has no class "no_such_module.Thing"'),
        ("json.decoder.JSONDecodr", r'did you mean "JSONDecoder"\?'),
        ("json.loads", 'module json has no class "loads"'),
        (".Thing", "cannot be imported"),
        ("json.", "module json has no class"),
        ("a..b", "No module named"),
        ("\0.b", "cannot be imported"),
    ],
)
def test_a_path_that_leads_nowhere_says_where_it_ends(path, message):
    with pytest.raises(ConfigurationError, match=message):
        Shape.by_name(path)


@pytest.mark.parametrize(
    ("typo", "right"), [("sqare", "square"), ("Square", "square"), ("bag-of-words", "bag_of_words")]
)
def test_an_unknown_name_suggests_the_nearest(typo, right):
    make_square()
    Shape.register("bag_of_words")(Kept)
    with pytest.raises(ConfigurationError, match=f'got "{typo}".*did you mean "{right}"'):
        Shape.by_name(typo)


def test_an_unknown_name_that_is_like_nothing_says_how_to_bring_components():
    make_square()
    with pytest.raises(ConfigurationError, match=r'expected "square"; .*--include-package'):
        Shape.by_name("xylophone")


def test_registrations_say_which_package_brings_a_class():
    make_square()
    entry = registrations(Shape)["square"]
    assert entry.package == __name__.partition(".")[0]
    assert Shape in registered_bases()


def test_to_params_gives_name_and_required_arguments():
    @Shape.register("square")
    class Square(Shape):
        unit: ClassVar[str] = "m"

        def __init__(self, side: int, colour: str, border: int = 1) -> None:
            self.side = side
            self._colour = colour

    built = Square(3, "red")
    assert built.to_params().as_dict() == {"type": "square", "side": 3, "colour": "red"}
    again = Shape.from_params(built.to_params())
    assert (again.side, again._colour) == (3, "red")


def test_to_params_of_a_class_that_is_not_registered_says_so():
    with pytest.raises(ConfigurationError, match="Kept is not registered"):
        Kept().to_params()


def test_pairs_of_class_and_constructor_may_be_put_in_as_in_allennlp():
    class Ring(Shape):
        @classmethod
        def wide(cls):
            return cls()

    Registrable._registry[Shape] = {"plain": (Ring, None), "wide": (Ring, "wide")}
    assert Shape.by_name("plain") is Ring
    assert Shape.by_name("wide") == Ring.wide
    assert isinstance(Shape.from_params({"type": "wide"}), Ring)
    assert registrations(Shape)["plain"].package == __name__.partition(".")[0]
    with pytest.raises(ConfigurationError, match="without a decorator"):
        Shape.register("plain")(Kept)
