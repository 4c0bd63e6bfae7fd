"""Hands for a gate: a command, or a person at the terminal."""

from __future__ import annotations

import asyncio
import io
import sys

import pytest

from badge.errors import InputError
from hil.gates.hands import hands_of, lend


def test_a_command_gets_the_words_as_arguments(tmp_path):
    script = tmp_path / "rig.py"
    script.write_text(f"import sys\nopen({str(tmp_path / 'did')!r}, 'w').write(repr(sys.argv[1:]))")
    asyncio.run(lend(hands_of(f"{sys.executable} {script}"), "place AA:BB 5 m"))
    assert (tmp_path / "did").read_text() == "['place', 'AA:BB', '5', 'm']"


@pytest.mark.parametrize(
    "command", ["/nonexistent/rig", f"{sys.executable} -c 'raise SystemExit(3)'"]
)
def test_a_command_that_fails_is_named(command):
    with pytest.raises(InputError, match="power off"):
        hands_of(command)("power off")


def test_without_a_terminal_nobody_can_be_asked(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(InputError, match="--hands"):
        hands_of("")("power off")


def test_a_person_is_asked_and_waited_for(monkeypatch, capsys):
    class Terminal:
        def isatty(self):
            return True

        def readline(self):
            assert "place the tag, then press Enter" in capsys.readouterr().err
            return "\n"

    monkeypatch.setattr("sys.stdin", Terminal())
    hands_of("")("place the tag")
