import json
from contextlib import closing
from time import process_time

import pytest
from click.testing import CliRunner

from badge.host.systems import lock
from sim.demo.cli import MARK, _differing, demo
from sim.ingest.store.sqlite import SqliteStore
from tests.command import call, sentence


@pytest.fixture
def filled(small, tmp_path):
    lines = (small.path / "events.ndjson").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    with closing(SqliteStore(tmp_path / "x.db")) as store:
        yield small.path, store, events


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


@pytest.mark.slow
def test_the_demo_is_quick_and_another_one_clears_what_it_has_left(tmp_path, monkeypatch):
    from sim.scenario.plan import parameters as command

    begun_s = process_time()  # of this processor: what else runs here does not count
    arguments = ("--dir", str(tmp_path / "d"))
    result = CliRunner().invoke(demo, [*arguments, "--json"], catch_exceptions=False)
    assert process_time() - begun_s < 15
    document = json.loads(result.output)
    assert (result.exit_code, document["differing"]) == (0, {})
    assert document["counts"]["badges"] == 5
    short = command.parameters_of
    monkeypatch.setattr(command, "parameters_of", lambda source: short(source, badges=1))
    result = CliRunner().invoke(demo, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    assert "holds every event once" in result.output
    assert f"look at it: {(tmp_path / 'd' / 'picture.html').as_uri()}" in result.output
    assert (tmp_path / "d" / "picture.html").stat().st_size < 10_000_000
    assert len(list((tmp_path / "d" / "recordings").iterdir())) == 1
    assert (tmp_path / "d" / "shift.ndjson").read_text().startswith('{"format":"badge-recording"')


@pytest.mark.parametrize("words", [(), ("--one",)])
def test_two_at_once_in_one_folder_are_one_and_a_sentence(words, tmp_path):
    folder = tmp_path / "d"
    folder.mkdir()
    with (folder / MARK).open("ab") as held:
        lock(held)
        (folder / "ingest.db").write_bytes(b"the other one's")
        said = call("demo", "--out", folder, *words)
    assert said.code == 2
    assert sentence(said).startswith(f"badge: {folder}: another demo is made there now; wait")
    assert (folder / "ingest.db").read_bytes() == b"the other one's"
