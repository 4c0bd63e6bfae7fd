"""How every command is opened: the same help, settings from outside, log, and near names told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from badge.cli import completion, settings
from badge.cli.commands import COMMANDS, load
from badge.cli.exits import exit_codes
from badge.errors import InputError
from badge.host.log import LEVELS, LOG
from badge.words import nearest

HELP = ["-h", "--help"]
_PREPARED = "_badge_prepared"
_WRITTEN = {"--view", "--summary", "--junit", "--plot", "--differences", "--out"}  # at the end


class Group(click.Group):
    """A group that tells near names for one that it does not have."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; UsageError with near names for one that is not there."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = near_words(args[0], self.list_commands(ctx))
            raise click.UsageError(f"{error.message} {near}".strip(), ctx) from None


class Commands(Group):
    """A group whose commands are named in `COMMANDS` and imported on demand."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands in the order of the table, but for old names."""
        return [command.name for command in COMMANDS if not command.hidden]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command; None if there is none of that name."""
        for command in COMMANDS:
            if command.name == cmd_name:
                found: click.Command = load(command.target)
                return prepared(found, cmd_name)
        return None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is called, and what the settings file says to it."""
        name, command, rest = super().resolve_command(ctx, args)
        if name is not None and command is not None and not asks_for_help(rest):
            ctx.default_map = {name: defaults_of(name, command)}
        return name, command, rest

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands grouped by the user's job, without importing any of them."""
        shown = [command for command in COMMANDS if not command.hidden]
        for job in dict.fromkeys(command.job for command in shown):
            with formatter.section(job):
                formatter.write_dl([(c.name, c.line) for c in shown if c.job == job])


def near_words(word: str, known: list[str]) -> str:
    """Ask whether a near word was meant; empty if none is near."""
    found = nearest(word, known)
    return f"Did you mean {' or '.join(found)}?" if found else ""


def asks_for_help(words: list[str]) -> bool:
    """Tell whether a command is only to explain itself."""
    return any(word in HELP for word in words)


def defaults_of(name: str, command: click.Command) -> dict[str, Any]:
    """Return what the settings file says to a command, and to the commands within it."""
    file = settings.here()
    if not isinstance(command, click.Group):
        return settings.defaults_from(file, name, command)
    return {
        inner: settings.defaults_from(file, f"{name} {inner}", one)
        for inner, one in command.commands.items()
    }


def _yielding(
    callback: Callable[..., Any] | None, alone: tuple[tuple[str, ...], ...]
) -> Callable[..., Any]:
    """Take back, before a command begins, what settings say where another option was typed."""
    assert callback is not None

    @wraps(callback)
    def begun(*arguments: Any, **words: Any) -> Any:
        source = click.get_current_context().get_parameter_source
        for names in alone:
            typed = [name for name in names if source(name) is ParameterSource.COMMANDLINE]
            if typed:
                words |= dict.fromkeys(set(names) - set(typed))
        return callback(*arguments, **words)

    return begun


def _with_places(
    callback: Callable[..., Any] | None, written: Mapping[str, str]
) -> Callable[..., Any]:
    """See, before a command begins, that what it writes at its end has a folder to lie in.

    The folder may be one that the command makes: one that another of its options names.
    """
    assert callback is not None

    @wraps(callback)
    def begun(*arguments: Any, **words: Any) -> Any:
        for name, option in written.items():
            if words.get(name) is None:
                continue
            parent = Path(words[name]).absolute().parent
            others = (one for key, one in words.items() if key != name)
            made = {Path(one).absolute() for one in others if one and isinstance(one, str | Path)}
            if not parent.is_dir() and made.isdisjoint((parent, *parent.parents)):
                raise InputError(
                    f"{option} {words[name]}: there is no folder {Path(words[name]).parent}; make "
                    "it, or name another file"
                )
        return callback(*arguments, **words)

    return begun


def _written(command: click.Command) -> dict[str, str]:
    """Give the options that name files which a command writes, each with how it is spelt."""
    return {
        one.name or "": spelt
        for one in command.params
        if isinstance(one.type, click.Path) and one.type.file_okay and not one.type.dir_okay
        for spelt in one.opts
        if spelt in _WRITTEN and isinstance(one, click.Option)
    }


def prepared(command: click.Command, name: str) -> click.Command:
    """Give a command what all have: -h, exit codes, -o, variables, completion and a log."""
    if getattr(command, _PREPARED, False):
        return command
    setattr(command, _PREPARED, True)
    command.context_settings = {**command.context_settings, "help_option_names": HELP}
    command._help_option = None  # made once for all contexts, so with both names now
    command.get_help_option(click.Context(command, help_option_names=HELP))
    said = command.epilog or ""
    command.epilog = f"{said} {exit_codes(f'{command.help} {said}')}".strip()
    if isinstance(command, click.Group):
        if type(command) is click.Group:
            command.__class__ = Group  # a room's own group knows nothing of this one
        for inner, one in command.commands.items():
            prepared(one, f"{name} {inner}")
        return command
    if name in settings.ALONE:
        command.callback = _yielding(command.callback, settings.ALONE[name])
    if written := _written(command):
        command.callback = _with_places(command.callback, written)
    for parameter in command.params:
        if isinstance(parameter, click.Option) and "--out" in parameter.opts:
            parameter.opts = ["-o", *(one for one in parameter.opts if one != "-o")]
        setting = settings.setting_of(name, parameter)
        if setting is not None and parameter.envvar is None:
            parameter.envvar = setting.variable
        completion.complete(parameter)
    command.params += log_options()
    return command


def log_options() -> list[click.Parameter]:
    """Return the options by which every command logs."""

    def to_level(ctx: click.Context, _: click.Parameter, value: str | None) -> None:
        if value is not None and not ctx.resilient_parsing:
            LOG.to_level(value)

    def to_file(ctx: click.Context, _: click.Parameter, value: Path | None) -> None:
        if value is not None and not ctx.resilient_parsing:
            LOG.to_file(value)

    return [
        click.Option(
            ["--log-level"],
            type=click.Choice(LEVELS),
            expose_value=False,
            is_eager=True,  # before what is wrong with the others is told
            callback=to_level,
            envvar="BADGE_LOG_LEVEL",
            help="Log from this level on; without --log-file on stderr.",
        ),
        click.Option(
            ["--log-file"],
            type=click.Path(dir_okay=False, path_type=Path),
            expose_value=False,
            is_eager=True,
            callback=to_file,
            envvar="BADGE_LOG_FILE",
            help="Log there, a JSON object a line; at its end, if it exists.",
        ),
    ]
