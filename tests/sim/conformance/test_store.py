"""What a backend acknowledged and does not hold is found in its store, whatever it answered."""

from __future__ import annotations

import json
import sqlite3

import pytest

from badge.errors import InputError
from sim.conformance.run import chosen, conform
from sim.conformance.store import look
from sim.ingest.api.ingest import Rules
from sim.ingest.launch import launch_ingest
from sim.ingest.store.sqlite import SqliteStore
from tests.sim.conformance.faults import STORING, plant
from tests.sim.conformance.rig import known

SOME = [
    "accepts one",
    "accepts every form of gps",
    "accepts every form of shift_start",
    "accepts every form of low",
    "accepts a fraction",
    "accepts the largest",
    "accepts 500",
    "acknowledges",
    "takes a refused",
    "refuses every second",
]


def looked(tmp_path, spoil=""):
    path = tmp_path / "ingest.db"
    with launch_ingest(SqliteStore(str(path)), rules=Rules()) as server:
        backend = known(server)
        conform(backend, chosen(only=SOME))
    if spoil:
        with sqlite3.connect(path) as database:
            assert database.execute(spoil).rowcount > 0
    results = look(backend, f"sqlite:///{path}", (), ())
    return {result.check.name: result.expected for result in results if result.expected}


def test_the_reference_holds_what_it_acknowledged(tmp_path):
    assert looked(tmp_path) == {}


@pytest.mark.parametrize(
    ("spoil", "name", "words"),
    [
        (
            "delete from raw_events where sequence_number = 7",
            "keeps what it acknowledged",
            "missing",
        ),
        (
            "update raw_events set event_timestamp = '2026-03-14T00:00:00Z'"
            " where event_timestamp like '2026-03-14T08%'",
            "keeps events unchanged",
            "altered",
        ),
    ],
)
def test_what_is_wrong_in_the_store_is_told(tmp_path, spoil, name, words):
    told = looked(tmp_path, spoil)
    assert list(told) == [name]
    assert words in told[name]


@pytest.mark.parametrize("fault", STORING)
def test_a_planted_fault_that_no_answer_tells_of_is_seen(tmp_path, monkeypatch, fault):
    assert plant(fault, monkeypatch) in looked(tmp_path)


def test_a_row_too_many_is_seen(tmp_path):
    """A store without a key: what it kept twice, and what it had refused."""
    path, dump = tmp_path / "ingest.db", tmp_path / "dump.ndjson"
    with launch_ingest(SqliteStore(str(path)), rules=Rules()) as server:
        backend = known(server)
        conform(backend, chosen(only=["accepts one", "refuses every second"]))
    rows = [dict(one) for one in backend.acknowledged.events.values()]
    device_id, number = sorted(backend.acknowledged.refused)[0]
    strange = rows[0] | {"device_id": device_id, "sequence_number": number}
    dump.write_text("".join(json.dumps(row) + "\n" for row in [*rows, rows[0], strange]))
    told = {r.check.name for r in look(backend, str(dump), (), ()) if r.expected}
    assert told == {"keeps each event once", "keeps nothing that it refused"}


def test_a_store_that_is_not_there_is_one_sentence(tmp_path):
    with launch_ingest(rules=Rules()) as server:
        backend = known(server)
        with pytest.raises(InputError):
            list(look(backend, f"sqlite:///{tmp_path}/none.db", (), ()))
