"""From a call to a command: what is taken, what is refused, and that no value is an option."""

from __future__ import annotations

import click
import pytest

from badge.cli.commands import COMMANDS, load
from badge.cli.mcp.rule import Confinement, rule_of
from badge.cli.mcp.tools import TOOLS, tool_named
from badge.errors import InputError

CALLS = {
    "list_scenarios": {},
    "simulate": {
        "scenario": "crew-of-five",
        "badges": 3,
        "hours": 1.5,
        "seed": 0,
        "start": "now",
        "out": "run",
        "record": "rec",
        "to": "http://127.0.0.1:8080",
    },
    "validate": {"files": ["a.ndjson", "-"], "platform": "peridio"},
    "judge": {"stimulus": "a", "events": "sqlite:///b.db", "tolerance": 0.5, "ignore": ["--out"]},
    "explain": {"what": "run", "event": 7, "at": "10:42", "device": "x", "recordings": "rec"},
    "conform": {
        "url": "http://localhost:1",
        "platform": "blecon",
        "level": "must",
        "open": True,
        "only": ["--x"],
        "skip": ["y"],
        "profile": "p.toml",
    },
}


@pytest.fixture
def rule(tmp_path) -> Confinement:
    return rule_of(tmp_path, ())


@pytest.mark.parametrize("tool", TOOLS, ids=lambda one: one.name)
def test_every_word_of_a_tool_is_one_that_its_command_knows(tool, rule):
    """With all arguments given: the command's own parser takes the words, as they are meant."""
    assert set(CALLS[tool.name]) == set(tool.takes.model_fields)
    name, *words = tool.words(CALLS[tool.name], rule)
    command = load(next(one.target for one in COMMANDS if one.name == name))
    if isinstance(command, click.Group):
        command, words = command.commands[words[0]], words[1:]
    quiet = {one.name: one.type for one in command.params}
    for one in command.params:  # that a file is there is no matter here
        one.type = click.STRING if isinstance(one.type, click.Path) else one.type
    try:
        known = command.make_context(name, words).params
    finally:
        for one in command.params:
            one.type = quiet[one.name]
    assert known["as_json"] is True
    given = [word for word in words if word.startswith("--") and word != "--"]
    assert all("=" in one or one in ("--json", "--open") for one in given)


@pytest.mark.parametrize("value", ["--out=/etc/x", "-o", "--", "--help"])
def test_no_value_is_taken_for_an_option(value, rule):
    words = tool_named("simulate").words({"scenario": value, "start": value}, rule)
    assert words[words.index("--") + 1 :] == [f"./{value}"]
    assert f"--start={value}" in words


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("simulate", {}, "scenario"),
        ("simulate", {"scenario": "x", "colour": 1}, "colour"),
        ("simulate", {"scenario": "x", "core": "evil.so"}, "core"),
        ("simulate", {"scenario": "x", "dask": "tcp://x:1"}, "dask"),
        ("simulate", {"scenario": "x", "hours": float("nan")}, "hours"),
        ("simulate", {"scenario": "x", "badges": 10**9}, "badges"),
        ("simulate", {"scenario": ["x"]}, "scenario"),
        ("simulate", {"scenario": "x" * 10_000}, "scenario"),
        ("simulate", {"scenario": "x", "out": "/etc/x"}, "outside"),
        ("simulate", {"scenario": "../x.yaml@y/../FOLDER/z"}, "outside"),
        ("simulate", {"scenario": "x", "out": "abfs://b@a/x"}, "no addresses"),
        ("simulate", {"scenario": "x", "record": "../x"}, "outside"),
        ("simulate", {"scenario": "x", "to": "http://192.0.2.1"}, "this computer"),
        ("validate", {"files": []}, "files"),
        ("validate", {"files": ["a"] * 65}, "files"),
        ("validate", {"files": ["a", "/dev/zero"]}, "outside"),
        ("judge", {"stimulus": "a", "events": "sqlite:////etc/x"}, "outside"),
        ("judge", {"stimulus": "a", "events": "postgresql://x/y"}, "no addresses"),
        ("explain", {"what": "chaos:7", "event": 1}, "no addresses"),
        ("explain", {"what": "run", "event": 0}, "event"),
        ("conform", {"url": "http://example.org"}, "this computer"),
        ("conform", {"url": "http://localhost", "profile": "/etc/passwd"}, "outside"),
    ],
)
def test_what_is_wrong_is_one_sentence(name, arguments, said, rule):
    arguments = {  # one that comes back into the folder by its name
        key: one.replace("FOLDER", rule.folder.name) if isinstance(one, str) else one
        for key, one in arguments.items()
    }
    with pytest.raises(InputError, match=said) as caught:
        tool_named(name).words(arguments, rule)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 2000


def test_a_tool_that_is_none_is_told_with_those_that_are():
    with pytest.raises(InputError, match="list_scenarios, simulate"):
        tool_named("x" * 10_000)


def test_documents_a_line_each_become_a_list():
    assert tool_named("validate").document(b'{"a":1}\n\n{"b":2}\n') == [{"a": 1}, {"b": 2}]
    assert tool_named("judge").document(b'{"a":1}\n') == {"a": 1}
