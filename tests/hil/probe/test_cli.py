"""`badge probe`: one table, or the same as JSON."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from hil.probe import probe as room
from hil.probe.cli import probe
from hil.probe.probe import FoundPart


@pytest.fixture
def attached(monkeypatch):
    def offer(*found):
        monkeypatch.setattr(room, "probe", lambda asked: list(found))

    return offer


def test_nothing_attached_is_no_error(attached):
    attached()
    result = CliRunner().invoke(probe)
    assert (result.exit_code, "nothing is attached" in result.output) == (0, True)


def test_only_a_port_that_was_asked_for_and_has_no_card_is_a_difference(attached):
    attached(
        FoundPart("card", "serial:/dev/a", "no answer", "…", ok=False),
        FoundPart("radio", "bleak:hci0", "Bluetooth adapter", "off", ok=False),
    )
    assert CliRunner().invoke(probe).exit_code == 0
    result = CliRunner().invoke(probe, ["--notecard", "serial:/dev/a", "--json"])
    assert result.exit_code == 1
    assert [one["name"] for one in json.loads(result.output)] == ["serial:/dev/a", "bleak:hci0"]
