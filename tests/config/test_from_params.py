"""What a component author relies on. AllenNLP 2.10.1 does the same, in other words, unless a name says "ours"."""

import copy
from typing import Any, Dict, List, Optional  # noqa: UP035  (ported components write these)

import pytest

from foldformer.config import ConfigurationError, FromParams, Params, Registrable, build, check
from foldformer.config.schema import json_schema

pytestmark = pytest.mark.usefixtures("own_registry")


class Vocab:
    pass


class Embedder(Registrable):
    pass


@pytest.fixture(autouse=True)
def _embedders(own_registry):
    Embedder.register("plain")(Plain)
    Embedder.register("nested")(Nested)
    Embedder.register("with_vocab")(WithVocab)


class Plain(Embedder):
    def __init__(self, dim: int, rate: float = 0.5) -> None:
        self.dim = dim
        self.rate = rate


class Nested(Embedder):
    def __init__(self, inner: Embedder, others: Dict[str, Embedder], more: Optional[List[Embedder]] = None) -> None:  # noqa: UP006, UP045
        self.inner, self.others, self.more = inner, others, more


class WithVocab(Embedder):
    def __init__(self, vocab: Vocab, dim: int = 1) -> None:
        self.vocab, self.dim = vocab, dim


class Alone(FromParams):
    def __init__(self, a: int, b: str = "b") -> None:
        self.a, self.b = a, b


class Bare(FromParams):
    pass


class Below(Plain):
    def __init__(self, extra: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.extra = extra


def test_from_params_finds_the_implementation_by_type():
    built = Embedder.from_params(Params({"type": "plain", "dim": 3}))
    assert (type(built), built.dim, built.rate) == (Plain, 3, 0.5)


def test_from_params_takes_a_bare_name_for_a_block_with_nothing_but_a_type():
    assert isinstance(Embedder.from_params("with_vocab", vocab=Vocab()), WithVocab)


def test_a_bare_name_works_inside_a_file_too():
    built = Embedder.from_params(Params({"type": "nested", "inner": "with_vocab", "others": {}}), vocab=Vocab())
    assert isinstance(built.inner, WithVocab)


def test_from_params_of_none_is_none():
    assert Embedder.from_params(None) is None


def test_from_params_of_a_class_without_registry_needs_no_type():
    built = Alone.from_params(Params({"a": 1}))
    assert (built.a, built.b) == (1, "b")


def test_from_params_of_a_registered_class_itself_needs_no_type():
    assert Plain.from_params(Params({"dim": 3})).dim == 3


def test_ours_a_registered_class_itself_accepts_its_own_name_as_type():
    assert Plain.from_params(Params({"type": "plain", "dim": 3})).dim == 3


def test_a_class_without_constructor_takes_nothing():
    assert isinstance(Bare.from_params(Params({})), Bare)
    with pytest.raises(ConfigurationError, match="x: Bare has no such parameter; Bare takes no parameters"):
        Bare.from_params(Params({"x": 1}))


def test_a_fully_qualified_path_is_a_type():
    assert Embedder.from_params(Params({"type": f"{__name__}.Unregistered", "size": 3})).size == 3


class Unregistered(Embedder):
    def __init__(self, size: int) -> None:
        self.size = size


def test_ours_a_path_to_a_class_of_another_kind_is_refused():
    problems = check(Embedder, {"type": "foldformer.config.experiment.Experiment"})
    assert [str(problem) for problem in problems] == [
        'type: got "foldformer.config.experiment.Experiment"; expected an Embedder, '
        "which foldformer.config.experiment.Experiment is not"
    ]


def test_a_missing_type_is_an_error_that_lists_the_names():
    with pytest.raises(ConfigurationError, match=r'^type: missing; .*"plain", "nested" or "with_vocab"$'):
        Embedder.from_params(Params({"dim": 3}))


def test_default_implementation_stands_for_a_missing_type():
    class Base(Registrable):
        default_implementation = "first"

    @Base.register("first")
    class First(Base):
        def __init__(self, x: int = 0) -> None:
            self.x = x

    assert Base.from_params(Params({"x": 4})).x == 4
    assert isinstance(build(Base, {}), First)


def test_a_default_implementation_that_is_not_there_says_so():
    class Base(Registrable):
        default_implementation = "firts"

    class First(Base):
        pass

    Base.register("first")(First)
    assert [str(each) for each in check(Base, {})] == [
        'type: missing, and what stands for it is not available: got "firts"; expected "first"; did you mean "first"?'
    ]


def test_a_base_without_implementations_says_to_import_some():
    class Empty(Registrable):
        pass

    with pytest.raises(ConfigurationError, match=r"no Empty is registered; .*--include-package"):
        Empty.from_params(Params({}))


def test_extras_reach_whoever_asks_for_them_by_name_at_any_depth():
    vocab = Vocab()
    data = {"type": "nested", "inner": {"type": "with_vocab"}, "others": {"a": {"type": "with_vocab", "dim": 2}}}
    built = Embedder.from_params(Params(data), vocab=vocab)
    assert built.inner.vocab is vocab
    assert built.others["a"].vocab is vocab


def test_extras_that_nobody_asks_for_are_left_out():
    assert Plain.from_params(Params({"dim": 3}), vocab=Vocab()).dim == 3


def test_what_the_file_says_wins_over_an_extra():
    assert Plain.from_params(Params({"dim": 3}), dim=4).dim == 3


def test_an_extra_wins_over_a_default():
    assert Plain.from_params(Params({"dim": 3}), rate=0.25).rate == 0.25


def test_constructor_to_call_and_to_inspect_replace_the_constructor():
    def inspected(dim: int, scale: int = 2) -> None:
        raise AssertionError("only read")

    built = Plain.from_params(
        Params({"dim": 3, "scale": 5}),
        constructor_to_call=lambda dim, scale: Plain(dim * scale),
        constructor_to_inspect=inspected,
    )
    assert built.dim == 15


def test_constructor_to_call_alone_is_inspected_itself():
    def double(dim: int) -> Plain:
        return Plain(dim * 2)

    assert Plain.from_params(Params({"dim": 3}), constructor_to_call=double).dim == 6


def test_a_registered_classmethod_is_called_with_its_own_parameters():
    @Embedder.register("from_words", constructor="from_words")
    class FromWords(Embedder):
        def __init__(self, size: int) -> None:
            self.size = size

        @classmethod
        def from_words(cls, words: List[str]) -> "FromWords":  # noqa: UP006
            return cls(len(words))

    assert Embedder.from_params(Params({"type": "from_words", "words": ["a", "b"]})).size == 2
    with pytest.raises(ConfigurationError, match=r"size: FromWords.from_words has no such parameter"):
        Embedder.from_params(Params({"type": "from_words", "words": [], "size": 1}))


def test_a_registered_classmethod_may_supply_what_its_kwargs_reach():
    @Embedder.register("doubled", constructor="doubled")
    class Doubled(Embedder):
        def __init__(self, size: int, rate: float = 0.5) -> None:
            self.size, self.rate = size, rate

        @classmethod
        def doubled(cls, half: int, **kwargs: Any) -> "Doubled":
            return cls(size=2 * half, **kwargs)

    built = Embedder.from_params(Params({"type": "doubled", "half": 3, "rate": 1.0}))
    assert (built.size, built.rate) == (6, 1.0)
    assert check(Embedder, {"type": "doubled", "rate": 1.0})[0].path == "half"
    assert json_schema(Embedder)["$defs"]["Embedder.doubled"]["required"] == ["type", "half"]


def test_kwargs_reach_the_superclass():
    built = Below.from_params(Params({"extra": "x", "dim": 3, "rate": 1}))
    assert (built.extra, built.dim, built.rate) == ("x", 3, 1.0)


def test_ours_kwargs_do_not_make_a_typo_right():
    with pytest.raises(ConfigurationError, match=r'rat: Below has no such parameter; .*did you mean "rate"'):
        Below.from_params(Params({"extra": "x", "dim": 3, "rat": 1}))


def test_an_argument_that_is_not_in_the_file_is_not_passed():
    class Strict(Plain):
        def __init__(self, **kwargs: Any) -> None:
            self.seen = kwargs
            super().__init__(**kwargs)

    assert Strict.from_params(Params({"dim": 3})).seen == {"dim": 3}


def test_ours_an_object_in_hand_made_data_is_passed_as_it_is():
    inner = Plain(1)
    assert build(Embedder, {"type": "nested", "inner": inner, "others": {"a": inner}}).inner is inner


def test_ours_the_data_is_left_as_it_was():
    data = {"type": "nested", "inner": {"type": "plain", "dim": 1}, "others": {"b": {"type": "plain", "dim": 2}}}
    before = copy.deepcopy(data)
    params = Params(data)
    Embedder.from_params(params)
    Embedder.from_params(params)
    build(Embedder, data)
    assert data == before


class Custom(Embedder):
    """Reads its block itself, and knows nothing of constructors to call."""

    def __init__(self, size: int) -> None:
        self.size = size

    @classmethod
    def from_params(cls, params, vocab=None):
        built = cls(len(params.pop("letters")))
        built.vocab = vocab
        params.assert_empty(cls.__name__)
        return built


class Chained(Embedder):
    """Changes its block, then goes the usual way."""

    def __init__(self, size: int, vocab: Vocab) -> None:
        self.size, self.vocab = size, vocab

    @classmethod
    def from_params(cls, params, **extras):
        size = params.pop("half") * 2
        return super().from_params(Params({**params.as_dict(), "size": size}), **extras)


def test_ours_a_custom_from_params_without_extras_is_reached_through_its_base():
    Embedder.register("custom")(Custom)
    built = Embedder.from_params(Params({"type": "custom", "letters": "abc"}))
    assert (built.size, built.vocab) == (3, None)


def test_ours_a_custom_from_params_gets_the_extras_that_it_names():
    Embedder.register("custom")(Custom)
    vocab = Vocab()
    data = {"type": "nested", "inner": {"type": "custom", "letters": "ab"}, "others": {}}
    assert Embedder.from_params(Params(data), vocab=vocab, other=1).inner.vocab is vocab


def test_a_custom_from_params_may_go_on_to_the_usual_one():
    Embedder.register("chained")(Chained)
    vocab = Vocab()
    assert Embedder.from_params(Params({"type": "chained", "half": 4}), vocab=vocab).size == 8
    direct = Chained.from_params(Params({"half": 4}), vocab=vocab)
    assert (direct.size, direct.vocab) == (8, vocab)


def test_a_custom_from_params_of_a_parameter_s_class_is_respected():
    class Holder(FromParams):
        def __init__(self, part: Custom) -> None:
            self.part = part

    assert Holder.from_params(Params({"part": {"letters": "abcd"}})).part.size == 4


def test_a_base_may_override_from_params_for_all_its_implementations():
    class Base(Registrable):
        @classmethod
        def from_params(cls, params, **extras):
            params.pop("comment", None)
            return super().from_params(params, **extras)

    @Base.register("one")
    class One(Base):
        def __init__(self, x: int) -> None:
            self.x = x

    assert Base.from_params(Params({"type": "one", "x": 1, "comment": "gone"})).x == 1


def test_errors_of_a_custom_from_params_name_their_place():
    Embedder.register("custom")(Custom)
    data = {"type": "nested", "inner": {"type": "custom", "letters": "ab", "more": 1}, "others": {}}
    with pytest.raises(ConfigurationError) as caught:
        build(Embedder, data)
    assert all(problem.path.startswith("inner") for problem in caught.value.problems)


def test_to_params_replaces_objects_by_their_own():
    class Pair(FromParams):
        def __init__(self, left: Alone, rest: List[Alone]) -> None:  # noqa: UP006
            self.left, self.rest = left, rest

        def _to_params(self):
            return {"left": self.left, "rest": self.rest}

    Alone._to_params = lambda self: {"a": self.a, "b": self.b}
    try:
        data = Pair(Alone(1), [Alone(2, "c")]).to_params().as_dict()
    finally:
        del Alone._to_params
    assert data == {"left": {"a": 1, "b": "b"}, "rest": [{"a": 2, "b": "c"}]}


def test_to_params_of_a_class_that_does_not_say_how_is_an_error():
    with pytest.raises(NotImplementedError, match="override _to_params"):
        Alone(1).to_params()
