"""How every command speaks: tables and notes for people, progress on stderr, JSON for machines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.status import Status
from rich.table import Column, Table
from rich.text import Text

from badge.cli.streams import silence
from badge.host import log

_WIDE_COLUMNS = 80
ROOM_FOR_MS = 100  # columns from which a moment is told in UTC and in milliseconds side by side
# What drives a terminal: C0 and C1 but for tab and newline, DEL, and what turns text around.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(9), *range(11, 32), *range(127, 160))} | {
    code: f"\\u{code:04x}"
    for code in (0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}


def plain(text: object) -> str:
    """Return foreign text so that it can neither drive a terminal nor pass for our own."""
    return str(text).translate(_CONTROLS)


class Terminal(Console):
    """Shows every string as it stands: brackets are no markup, and control characters are shown.

    Style goes by `style=` or a `rich.text.Text`.  A reader that goes away does not end a check:
    what is still said is lost, and the exit code is that of the check.
    """

    def __init__(self, *, stderr: bool = False) -> None:
        stream = sys.stderr if stderr else sys.stdout
        width = None if stream.isatty() else 80  # a pipe: the same bytes on every machine
        super().__init__(stderr=stderr, highlight=False, markup=False, emoji=False, width=width)

    def render_str(self, text: str, **options: Any) -> Text:
        """Make a text of a string; all strings come this way, those of tables too."""
        return super().render_str(plain(text), **options)

    def status(self, status: RenderableType, **options: Any) -> Status:
        """Show a line that turns while something lasts."""
        return super().status(Text(plain(status)) if isinstance(status, str) else status, **options)

    def on_broken_pipe(self) -> None:
        """Go on without the reader; rich would end the program with 1, our "differences"."""
        silence(self.file)

    def print(self, *objects: Any, **options: Any) -> None:
        """Print, if anybody reads."""
        if self.stderr and objects and isinstance(objects[0], str | Text):
            log.said(" ".join(map(str, objects)))
        try:
            super().print(*objects, **options)
        except BrokenPipeError:
            silence(self.file)


def out() -> Terminal:
    """Return the terminal of results: stdout, colour only on a terminal, 80 columns in a pipe."""
    return Terminal()


def err() -> Terminal:
    """Return the terminal of progress and warnings: stderr."""
    return Terminal(stderr=True)


def say(text: object, *, err: bool = False) -> None:
    """Print one plain line to stdout, or to stderr, wherever it has to be broken."""
    Terminal(stderr=err).print(str(text), soft_wrap=True)


def progress(**columns: Any) -> Progress:
    """Return a progress display on stderr; silent where that is no terminal."""
    console = err()
    narrow = console.width < _WIDE_COLUMNS
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=8 if narrow else 24),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
        # What is told beside it gives way first: how far it is, and how long yet, is always seen.
        TextColumn("{task.fields[word]}", markup=False, table_column=Column(no_wrap=True, ratio=1)),
        console=console,
        transient=True,
        expand=True,
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
        # Folded, not cut: a port, a file or a version is there to be copied.
        made.add_column(heading, justify="right" if numeric else "left", overflow="fold")
    for row in cells:
        made.add_row(*row)
    return made


def print_json(document: Mapping[str, Any] | Sequence[Any]) -> None:
    """Print one JSON document on one line of stdout."""
    # Escaped where the terminal is ASCII: what stands in for a character there is no JSON.
    ascii_only = (sys.stdout.encoding or "utf-8").lower().replace("-", "") != "utf8"
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=ascii_only)
    try:
        sys.stdout.write(text + "\n")
    except BrokenPipeError:
        silence(sys.stdout)


def _is_number(text: str) -> bool:
    return text.replace(",", "").replace(".", "").replace("%", "").strip().isdigit()
