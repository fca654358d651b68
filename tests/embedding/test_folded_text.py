"""How a text is cut, without weights, for every kind of transformer."""

from collections.abc import Callable

import pytest

from foldformer.config import ConfigurationError
from foldformer.embedding.folded_text import fold_text
from foldformer.engine.segments import UNLIMITED_MAX_LENGTH

TinyModel = Callable[[str], str]


@pytest.mark.parametrize(
    ("family", "longest"), [("bert", 96), ("roberta", 95), ("bart", 96), ("gpt2", 96), ("xlnet", None), ("t5", None)]
)
def test_segments_are_as_long_as_the_positions_allow(family: str, longest: int | None, tiny_model: TinyModel) -> None:
    folded = fold_text("the lazy dog jumps", tiny_model(family))
    assert folded.max_length == (longest or UNLIMITED_MAX_LENGTH)
    assert len(folded.segments) == 1


def test_wrong_cut_is_named(tiny_model: TinyModel) -> None:
    with pytest.raises(ConfigurationError, match=r'cut: got "sentences"; .*did you mean "sentence"'):
        fold_text("the lazy dog", tiny_model("bert"), cut="sentences")  # type: ignore[arg-type]
