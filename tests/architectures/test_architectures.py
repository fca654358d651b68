"""Every architecture embeds as a naive loop does, or is refused in one line, as docs/architectures.md says."""

import pytest
import transformers

from tests.architectures import page
from tests.architectures.shrinking import model_types
from tests.architectures.survey import outcome_of

SAID, VERSION = page.read()
TEXT = [name for name, outcome in SAID.items() if outcome.kind in ("embeds", "part")]
OTHERS = [name for name, outcome in SAID.items() if outcome.kind == "refused"]
SAMPLE = [*TEXT[::20], *OTHERS[::50]]
"""Some of each kind, in the order of their names, which says nothing of how they work."""

of_this_version = pytest.mark.skipif(
    transformers.__version__ != VERSION, reason=f"the page speaks of transformers {VERSION}"
)


def check(name: str) -> None:
    found = outcome_of(name)
    assert not found.fault, f"{name}: {found.fault}"
    assert (found.kind, found.sub_module) == (SAID[name].kind, SAID[name].sub_module), found.reason


@of_this_version
@pytest.mark.parametrize("name", SAMPLE)
def test_some_architectures_do_as_the_page_says(name: str) -> None:
    check(name)


@of_this_version
@pytest.mark.architectures
@pytest.mark.parametrize("name", [name for name in (*TEXT, *OTHERS) if name not in SAMPLE])
def test_all_architectures_do_as_the_page_says(name: str) -> None:
    check(name)


@of_this_version
def test_the_page_has_all_architectures() -> None:
    assert sorted(SAID) == model_types()


def test_the_page_is_what_would_be_written() -> None:
    assert page.written(SAID, VERSION) == page.PAGE.read_text()
