"""What every command has alike, whichever it is: also one that nobody has thought of here."""

from __future__ import annotations

import re

import click
import pytest

from badge.cli import group, settings
from badge.cli import main as command_line
from badge.cli.commands import COMMANDS
from badge.cli.program.manual import every_command
from tests.command import call


def leaves() -> list[tuple[str, ...]]:
    with click.Context(command_line.badge):
        found = [words[1:] for words, one in every_command() if not isinstance(one, click.Group)]
    return sorted(found)


@pytest.mark.parametrize("words", leaves(), ids=" ".join)
def test_every_command_has_h_exit_codes_and_a_log(words):
    said = call(*words, "-h")
    assert said.code == 0
    flat = " ".join(said.out.split())
    assert "-h, --help" in flat
    assert "--log-file" in flat
    assert "--log-level" in flat
    told = flat[flat.lower().index("exit code") :]
    assert [n for n in (0, 2, 70, 130) if not re.search(rf"\b{n}[: ]", told)] == []
    if "--out " in flat:
        assert "-o, --out " in flat
    assert call(*words, "--help").out == said.out


def test_every_option_says_what_it_is_for():
    silent = []
    with click.Context(command_line.badge):
        for words, command in every_command():
            options = [one for one in command.params if isinstance(one, click.Option)]
            silent += [(words, one.name) for one in options if not one.help]
    assert silent == []


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (("serv",), "Did you mean serve?"),
        (("simulat",), "Did you mean simulate?"),
        (("scenario", "lst"), "Did you mean list?"),
        (("qqqqq",), ""),
    ],
)
def test_a_near_name_is_told(words, near):
    said = call(*words)
    assert said.code == 2
    assert f"No such command '{words[-1]}'. {near}".strip() in said.err


def test_version_and_help_have_short_names():
    assert call("-V").out == call("--version").out
    assert call("-h").out == call("--help").out


def test_a_command_is_prepared_once():
    @click.command()
    @click.option("--out")
    def odd(out):
        """Do."""

    for _ in range(2):
        group.prepared(odd, "odd")
    assert [one.opts for one in odd.params].count(["-o", "--out"]) == 1
    assert sum(one.name == "log_file" for one in odd.params) == 1
    assert odd.epilog.startswith("Exit codes: 0 done")


def test_the_table_is_what_is_listed():
    listed = command_line.badge.list_commands(click.Context(command_line.badge))
    assert listed == [one.name for one in COMMANDS if not one.hidden]


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (("simulate", "crew-of-fife"), "did you mean crew-of-five?"),
        (("scenario", "check", "season-of-200@bostn"), "did you mean boston?"),
        (("conform", "http://127.0.0.1:1", "--open", "--only", "duplicats"), "did you mean"),
        (("simulate", "--sed", "3"), "--seed"),
    ],
)
def test_a_near_scenario_site_check_or_option_is_told(words, near):
    said = call(*words)
    assert said.code == 2
    assert near in said.err


# What a command writes beside its main output is named by what it is: --junit, --view, --record.
def test_a_commands_main_output_goes_to_out_and_old_names_go_on_unseen(tmp_path):
    positional, old = [], {}
    with click.Context(command_line.badge):
        for words, command in every_command():
            outs = [one for one in command.params if "--out" in one.opts]
            for one in outs:
                if hasattr(one, "old_names"):
                    old[words[1]] = one.old_names
            for one in command.params:
                writes = isinstance(one.type, click.Path) and not one.type.exists
                if isinstance(one, click.Argument) and writes and one.nargs == 1 and not outs:
                    positional.append(" ".join(words))
    assert old == {"demo": ("--dir",), "view": ("--html",), "gate": ("--report",)}
    assert positional == READ_ONLY
    for name, (option,) in old.items():
        assert option not in call(name, "--help").out
    for option in ("--out", "-o"):
        where = tmp_path / option
        assert call("scenario", "new", option, where).code == 0
        assert where.exists()
    assert "give one of the two" in call("man", tmp_path, "--out", tmp_path).err
    assert "Missing argument 'FOLDER'; or --out FOLDER" in call("firmware", "export").err


READ_ONLY = ["badge reconcile", "badge notehub"]
"""Commands whose one path is what they read, or a socket."""


@pytest.mark.parametrize("option", ["--view", "--summary"])
def test_what_is_written_at_the_end_has_a_folder_before_anything_begins(tmp_path, option):
    at = tmp_path / "nowhere" / "x"
    said = call("simulate", "quiet-day", "--out", str(tmp_path / "run"), option, str(at))
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        f"badge: {option} {at}: there is no folder {at.parent}; make it, or name another file\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_what_is_written_at_the_end_may_lie_in_the_folder_that_is_made(tmp_path):
    run = tmp_path / "run"
    words = ("--hours", "0.1", "--badges", "1", "--summary", str(run / "summary.json"))
    assert call("simulate", "quiet-day", "--out", str(run), *words).code == 0
    assert (run / "summary.json").is_file()


def test_a_setting_yields_to_the_option_that_excludes_it_and_was_typed(tmp_path, monkeypatch):
    monkeypatch.setenv("BADGE_SEED", "9")
    said = call("shrink", "--plan", tmp_path / "none.json")
    assert "name the plan" not in said.err
    assert "none.json" in said.err
    assert "exclude each other" in call("chaos", "--seed", "1", "--seeds", "2").err
    monkeypatch.setenv("BADGE_API_KEY", "ak_1")
    refused = call("load", "http://127.0.0.1:9", "--provision", "prov_1", "--for", "0.1")
    assert "give one of the two" not in refused.err
    assert refused.code == 2


def test_what_excludes_each_other_is_an_option_and_nothing_unless_given():
    with click.Context(command_line.badge) as context:
        for name, sets in settings.ALONE.items():
            command = command_line.badge.get_command(context, name)
            begun = command.make_context(name, [], resilient_parsing=True)
            none = {option for option, value in begun.params.items() if value is None}
            assert none >= {option for names in sets for option in names}
