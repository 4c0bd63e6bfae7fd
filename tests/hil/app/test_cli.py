"""`badge run`, `assign` and `unassign`: mistakes are one sentence each."""

from __future__ import annotations

import pytest

from tests.command import call, sentence


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--notecard", "tcp:1"], "write it like one of"),
        (["--notecard", "serial:/dev/x", "--scanner", "wifi"], "write bleak or bleak:hci0"),
        (["--notecard", "serial:/dev/x", "--config", "config.json"], "config.json: not JSON"),
    ],
)
def test_what_cannot_be_run_is_refused(words, text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.json").write_text("{")
    said = call("run", *words)
    assert text in sentence(said)
    assert said.code == 2


def test_a_duration_that_is_no_number_is_refused():
    said = call("run", "--notecard", "serial:/dev/x", "--duration", "nan")
    assert said.code == 2
    assert "--duration" in said.err


def test_buttons_without_a_badge(tmp_path):
    said = call("assign", "W-007", "--flash", tmp_path / "badge.flash")
    assert "no badge listens there" in sentence(said)
    assert "no badge listens there" in sentence(call("unassign", "--flash", tmp_path / "f"))
