import json

import pytest
from click.testing import CliRunner

from sim.ingest.store import SqliteStore
from sim.run.demo import _differing, crew


@pytest.fixture
def filled(small, tmp_path):
    lines = (small.path / "events.ndjson").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    return small.path, SqliteStore(tmp_path / "x.db"), events


def keep(store, events):
    for device_id in {event["device_id"] for event in events}:
        store.add_batch([e for e in events if e["device_id"] == device_id], "2026-01-01T00:00:00Z")


def test_the_check_sees_what_is_missing_altered_and_invented(filled):
    path, store, events = filled
    changed = {**events[5], "payload": {"reason": "other"}}
    invented = {**events[0], "sequence_number": 10**6}
    keep(store, [*events[:5], changed, *events[8:], invented])
    assert _differing(path, store) == {"missing": 2, "invented": 1, "altered": 1}


def test_the_check_is_content_with_all(filled):
    path, store, events = filled
    keep(store, events)
    assert _differing(path, store) == {}


def test_the_demo_in_short(tmp_path, monkeypatch):
    from sim.run import command

    short = command.asked_of
    monkeypatch.setattr(command, "asked_of", lambda told: short(told, badges=1))
    for _ in range(2):  # the second one clears what the first has left
        result = CliRunner().invoke(crew, ["--dir", str(tmp_path / "d")], catch_exceptions=False)
        assert result.exit_code == 0
        assert "holds every event once" in result.output
    assert (tmp_path / "d" / "shift.ndjson").read_text().startswith('{"format":"badge-recording"')
