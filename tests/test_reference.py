"""The reference in docs/api has every room with public names; `make docs` sees that what it shows is there."""

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
PAGES = "".join(page.read_text() for page in (PROJECT / "docs/api").glob("*.md"))
ROOMS = [PROJECT / "embedders", PROJECT / "indexers", *sorted((PROJECT / "foldformer").iterdir())]
PUBLIC = [
    ".".join(room.relative_to(PROJECT).parts)
    for room in ROOMS
    if (room / "__init__.py").exists() and "__all__ = " in (room / "__init__.py").read_text()
]


@pytest.mark.parametrize("room", PUBLIC)
def test_a_room_with_public_names_is_in_the_reference(room: str) -> None:
    assert re.search(rf"^::: {re.escape(room)}$", PAGES, re.MULTILINE)
