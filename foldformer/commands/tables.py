"""Tables for people, on whatever they look at."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

UNLIMITED = 10_000  # characters; what goes into a file or a pipe keeps one row on one line


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], title: str | None = None) -> None:
    """Print rows of text under their columns.

    Args:
        columns: Names of the columns.
        rows: One text a column. Nothing in it is taken as markup.
        title: A line above.
    """
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=UNLIMITED)
    table = Table(box=box.SIMPLE_HEAD, title=Text(title, style="bold") if title else None, title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


def print_json(data: Any) -> None:
    """Print data as indented JSON, the same wherever it goes."""
    print(json.dumps(data, indent=2, ensure_ascii=False))
