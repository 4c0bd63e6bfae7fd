"""How every command speaks: tables and notes for people, progress on stderr, JSON for machines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table


def out() -> Console:
    """Return the console of results: stdout, colour only on a terminal, 80 columns in a pipe."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else 80)


def err() -> Console:
    """Return the console of progress and warnings: stderr."""
    return Console(stderr=True, highlight=False, width=None if sys.stderr.isatty() else 80)


def progress(**columns: Any) -> Progress:
    """Return a progress display on stderr; silent where that is no terminal."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[word]}"),
        console=err(),
        transient=True,
        disable=not sys.stderr.isatty(),
        **columns,
    )


def table(title: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """Return a plain table; columns whose cells are all numbers are set flush right."""
    cells = [[str(cell) for cell in row] for row in rows]
    made = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        min_width=len(title),  # else the title wraps at the width of narrow columns
        box=None,
        pad_edge=False,
        padding=(0, 2),
    )
    for place, heading in enumerate(headings):
        numeric = bool(cells) and all(_is_number(row[place]) for row in cells)
        made.add_column(heading, justify="right" if numeric else "left")
    for row in cells:
        made.add_row(*row)
    return made


def print_json(document: Mapping[str, Any] | Sequence[Any]) -> None:
    """Print one JSON document on one line of stdout."""
    sys.stdout.write(json.dumps(document, separators=(",", ":"), ensure_ascii=False) + "\n")


def _is_number(text: str) -> bool:
    return text.replace(",", "").replace(".", "").replace("%", "").strip().isdigit()
