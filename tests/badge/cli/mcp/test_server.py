"""From how a command ended to what a client is told."""

from __future__ import annotations

import anyio
import pytest

from badge.cli.mcp.calls import Calls, CommandEnd
from badge.cli.mcp.rule import rule_of
from badge.cli.mcp.server import ANSWER, answer, described, sentence
from badge.cli.mcp.tools import TOOLS


@pytest.mark.parametrize(
    ("said", "code", "told"),
    [
        ("Usage: badge x\nTry 'badge x -h'\n\nError: No such option '--y'.\n", 2, "No such option"),
        ("warming up\nbadge: a.yaml: no such file\n", 2, "a.yaml: no such file"),
        ("words alone\n", 2, "words alone"),
        ("", 70, "ended with 70"),
        ("", -9, "signal 9"),
    ],
)
def test_the_sentence_is_the_last_that_was_meant_for_a_person(said, code, told):
    found = sentence(CommandEnd(code, b"", said))
    assert found.startswith(told) or told in found
    assert "Usage" not in found


@pytest.mark.parametrize("tool", TOOLS, ids=lambda one: one.name)
def test_a_tool_tells_what_it_takes_and_gives(tool):
    shown = described(tool)
    assert shown.input_schema["additionalProperties"] is False
    assert all("description" in one for one in shown.input_schema["properties"].values())
    assert shown.output_schema == ANSWER
    assert shown.annotations.read_only_hint is (tool.name not in ("simulate", "conform"))


class Ending(Calls):
    """Commands that have ended already."""

    def __init__(self, rule, ended: CommandEnd) -> None:
        super().__init__(rule, 1)
        self.ended = ended

    async def run(self, words) -> CommandEnd:
        return self.ended


@pytest.mark.parametrize(
    ("ended", "error", "text"),
    [
        (CommandEnd(0, b'{"a":1}', ""), False, '{"exit_code":0,"result":{"a":1}}'),
        (CommandEnd(1, b"[]", "words"), False, '{"exit_code":1,"result":[]}'),
        (CommandEnd(1, b"", "badge: the server went away"), True, "the server went away"),
        (CommandEnd(2, b"", "Error: no"), True, "no"),
        (CommandEnd(70, b"{}", "badge: internal error; see x"), True, "internal error; see x"),
        (CommandEnd(-9, b"", ""), True, "the command was ended by signal 9; ask for less"),
        (
            CommandEnd(2, b"", "badge: http://me:pw@127.0.0.1/ ak_1234"),
            True,
            "http://…@127.0.0.1/ ak_…",
        ),
    ],
)
def test_a_call_is_answered_by_the_document_or_one_sentence(tmp_path, ended, error, text):
    calls = Ending(rule_of(tmp_path, ()), ended)
    said = anyio.run(answer, calls, "judge", {"stimulus": "a", "events": "b"})
    assert said.is_error is error
    assert said.content[0].text == text
    assert (said.structured_content is None) is error


def test_bad_arguments_start_nothing(tmp_path):
    calls = Ending(rule_of(tmp_path, ()), CommandEnd(0, b"{}", ""))
    for name, given in (("nothing", {}), ("judge", {}), ("judge", {"stimulus": 1, "events": "x"})):
        said = anyio.run(answer, calls, name, given)
        assert said.is_error
        assert "\n" not in said.content[0].text
