"""`badge man`: manual pages out of the help, one for each command, as `man` reads them."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import click

from badge.cli.options import destination
from badge.cli.settings import SETTINGS, setting_of

Words = tuple[str, ...]
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("folder", type=_FOLDER, required=False)
@click.option("--out", type=_FOLDER, help="Where to, instead of FOLDER.")
def man(folder: Path | None, out: Path | None) -> None:
    """Write the manual pages into FOLDER: badge.1, badge-simulate.1, and so on.

    \b
    badge man ~/.local/share/man/man1 && man badge-simulate

    Exit codes: 0 done; 2 the folder cannot be written.
    """
    from badge.host.files import write_whole
    from badge.words import counted

    place = destination(folder, out, "FOLDER")
    place.mkdir(parents=True, exist_ok=True)
    pages = {"-".join(words): page(words, command) for words, command in every_command()}
    for name, text in pages.items():
        write_whole(place / f"{name}.1", text.encode())
    click.echo(f"{place}: {counted(len(pages), 'page')}")


def every_command() -> Iterator[tuple[Words, click.Command]]:
    """Yield `badge`, its commands and those within them, each with its words; no old names."""
    context = click.get_current_context().find_root()
    root = context.command
    assert isinstance(root, click.Group)
    yield ("badge",), root
    for name in root.list_commands(context):
        command = root.get_command(context, name)
        assert command is not None
        yield from _within(("badge", name), command)


def _within(words: Words, command: click.Command) -> Iterator[tuple[Words, click.Command]]:
    yield words, command
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from _within((*words, name), inner)


def page(words: Words, command: click.Command) -> str:
    """Write one manual page (man(7))."""
    name, version = "-".join(words), metadata.version("badge-simulator")
    context = click.Context(command, info_name=" ".join(words))
    whole = command.get_short_help_str(limit=200)
    lines = [
        f'.TH {_shout(name)} 1 "" "badge-simulator {version}" "badge"',
        ".SH NAME",
        f"{_plain(name)} \\- {_plain(whole.rstrip('.'))}",
        ".SH SYNOPSIS",
        f".B {_plain(' '.join(words))}",
        _plain(" ".join(command.collect_usage_pieces(context))),
        ".SH DESCRIPTION",
        *_text(f"{command.help or ''}\n\n{command.epilog or ''}"),
    ]
    options = [one for one in command.params if isinstance(one, click.Option) and not one.hidden]
    if options:
        lines.append(".SH OPTIONS")
    for option in options:
        record = option.get_help_record(context)
        if record is not None:
            lines += [".TP", f".B {_plain(record[0])}", _plain(record[1] or "")]
    lines += _environment(" ".join(words[1:]), command)
    if isinstance(command, click.Group):
        lines += [".SH SEE ALSO", _plain(_see_also(words, command, context))]
    return "\n".join(lines) + "\n"


def _see_also(words: Words, command: click.Group, context: click.Context) -> str:
    return ", ".join(f"{'-'.join((*words, name))}(1)" for name in command.list_commands(context))


def _environment(name: str, command: click.Command) -> list[str]:
    found = [setting_of(name, parameter) for parameter in command.params]
    settings = [one for one in SETTINGS if one in found]
    lines = [".SH ENVIRONMENT"] if settings else []
    for setting in settings:
        lines += [".TP", f".B {setting.variable}", _plain(setting.meaning)]
    return lines


def _text(text: str) -> Iterator[str]:
    """Set paragraphs; those that stand as they are written (behind \\b) stay so."""
    for paragraph in text.split("\n\n"):
        body = paragraph.strip("\n")
        if not body.strip():
            continue
        yield ".PP"
        if body.lstrip().startswith("\b"):
            rows = body.split("\n")[1:]
            cut = min((len(row) - len(row.lstrip()) for row in rows if row.strip()), default=0)
            yield from (".nf", *(_plain(row[cut:]) for row in rows), ".fi")
        else:
            yield _plain(" ".join(body.split()))


def _shout(name: str) -> str:
    return name.upper()


def _plain(text: str) -> str:
    """Escape what roff would read: backslashes, hyphens that are minus signs, leading dots."""
    plain = text.replace("\\", "\\e").replace("-", "\\-").replace("\b", "")
    return f"\\&{plain}" if plain[:1] in (".", "'") else plain
