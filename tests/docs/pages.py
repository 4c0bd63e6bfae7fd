"""The pages for readers, and what stands in them: code blocks, commands, options."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

import click

from badge.cli.main import badge
from tests.paths import DOCS, ROOT

PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md")))
_FENCED = re.compile(r"^( *)```([^\n]*)\n(.*?)^\1```", re.M | re.S)
_INDENTED = re.compile(r"(?:^(?: {4,}).*\n|^\n(?= {4}))+", re.M)
_INLINE = re.compile(r"`([^`\n]+)`")
SET_IN = "set in"
"""What stands for the language of a block that is set in by spaces, and names none."""
MADE_UP = ("--turnstile",)  # of the platform that a page shows how to add
_CUTS = "|&;>()<"


class Block(NamedTuple):
    """A fenced block: the page, its line, what stands behind the ticks, and what is in it."""

    page: Path
    line: int
    info: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def fenced(page: Path) -> list[Block]:
    """Return the fenced blocks of a page in their order, those within lists and tabs too."""
    text = page.read_text("utf-8")
    return [
        Block(page, _line(text, found), found[2].strip(), dedent(found[3]))
        for found in _FENCED.finditer(text)
    ]


def indented(page: Path) -> list[Block]:
    """Return the blocks of code that are set in by spaces alone, at the margin and in lists."""
    text = page.read_text("utf-8")
    # As many lines as before: what is fenced must not shift the rest.
    rest = _FENCED.sub(lambda found: "\n" * found[0].count("\n"), text)
    return [
        Block(page, _line(rest, found), SET_IN, dedent(found[0]).strip("\n") + "\n")
        for found in _INDENTED.finditer(rest)
    ]


def _line(text: str, found: re.Match[str]) -> int:
    begin = found.start() + len(found[0]) - len(found[0].lstrip("\n"))
    return text[:begin].count("\n") + 1


def commands(page: Path) -> Iterator[list[str]]:
    """Yield the words behind `badge` of each command on a page, in blocks and in the text."""
    text = page.read_text("utf-8")
    blocks = [block.text for block in fenced(page) if block.info in ("", "sh", "text")]
    rest = _FENCED.sub("", text)
    blocks += _INDENTED.findall(rest)
    for block in blocks:
        for line in re.sub(r"\\\n\s*", " ", block).splitlines():
            yield from _words(line)
    for span in _INLINE.findall(_INDENTED.sub("", rest)):
        if span.startswith("badge "):
            yield from _words(span)


def _words(line: str) -> Iterator[list[str]]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars=_CUTS)
    lexer.whitespace_split, lexer.commenters = True, "#"
    try:
        words = list(lexer)
    except ValueError:  # a quote that is open: prose, or a piece of another language
        return
    while words:
        cut = next((i for i, word in enumerate(words) if set(word) <= set(_CUTS)), len(words))
        here, words = words[:cut], words[cut + 1 :]
        here = here[1:] if here[:1] == ["$"] else here
        while here[:1] and re.fullmatch(r"[A-Z_]+=.*", here[0]):
            here = here[1:]
        if here[:1] == ["badge"] and here[1:2] != ["="]:
            yield [word.strip("[]") for word in here[1:]]


def faults_of(words: list[str]) -> str | None:
    """Say what is wrong with a command as a page writes it: no such command, option or choice."""
    command: click.Command = badge
    context = click.Context(badge, info_name="badge")
    while isinstance(command, click.Group):
        if not words or words[0].startswith("-") or re.fullmatch(r"[A-Z…]+", words[0]):
            return None
        found = command.get_command(context, words[0])
        if found is None:
            return f"there is no command {words[0]}"
        command, words = found, words[1:]
        context = click.Context(command, parent=context, info_name=words[0] if words else "")
    try:
        given, _, _ = command.make_parser(context).parse_args(list(words))
    except click.UsageError as error:
        said = error.format_message()
        named_alone = said.endswith("requires an argument.")  # as in "`badge record --out`"
        return None if named_alone or any(one in said for one in MADE_UP) else said
    for option in command.params:
        values = given.get(option.name or "")
        if not isinstance(option.type, click.Choice) or not isinstance(values, str):
            continue
        if values not in option.type.choices and not values.isupper():
            return f"{option.opts[0]} takes {', '.join(option.type.choices)}, not {values}"
    return None


def default_of(command: str, option: str) -> object:
    """Return the default of a command's option."""
    context = click.Context(badge)
    found: click.Command | None = badge
    for name in command.split():
        assert isinstance(found, click.Group)
        found = found.get_command(context, name)
    assert found is not None
    for parameter in found.params:
        if option in parameter.opts:
            return parameter.get_default(context)
    raise KeyError(option)
