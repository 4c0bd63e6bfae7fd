import json
from importlib.util import find_spec

import numpy as np
import pytest

from sim.fleet.webhooks.truth import HIDDEN, WebhookTruth
from sim.platforms.kit.cause import Cause
from sim.platforms.kit.delivery import Delivery
from sim.platforms.kit.simulation import Made

START_MS = 1_773_639_900_000
BOOT = Cause(START_MS + 5000, "boot", "ACT-1", "Ana", 1, {"firmware": "0.3.0"}, 4, 4)
BATCH = Cause(START_MS + 9000, "upload", "ACT-1", "Ana", 1, {"body": "[…]", "last": 9}, 5, 9)


def made(key, cause=BOOT, **facts):
    return Made(key, f"type.{key[0]}", cause.utc_ms if cause else START_MS, cause, facts)


def delivery(*keys, body=b"{}", attempt=1):
    headers = (("content-type", "application/json"), ("X-Key", "hush"))
    return Delivery(1, "http://127.0.0.1:1/", headers, body, 10.0, keys, attempt)


@pytest.fixture
def truth(tmp_path):
    made = WebhookTruth(tmp_path / "platforms", {"hush"})
    yield made
    made.close()


def rows(truth, tmp_path, numbers=None):
    truth.write(tmp_path, START_MS, numbers or {})
    return [json.loads(line) for line in (tmp_path / "platforms.ndjson").read_text().splitlines()]


def test_what_was_posted_is_counted_once_and_what_was_not_is_said(truth):
    truth.note("blecon", [made("a1"), made("a2"), made("b1")])
    truth.post("blecon", delivery("a1", "b1"), START_MS)
    truth.post("blecon", delivery("b1", attempt=2), START_MS)
    assert truth.counts(["blecon", "peridio"]) == {
        "blecon": {"events": 2, "posts": 2, "not_posted": 1, "by_type": {"type.a": 1, "type.b": 1}},
        "peridio": {"events": 0, "posts": 0, "not_posted": 0, "by_type": {}},
    }


def test_accepted_once_is_accepted_however_often_it_failed(truth, tmp_path):
    truth.note("peridio", [made("a1"), made("a2")])
    for accepted in (False, True, False):
        truth.post("peridio", delivery("a1"), START_MS)
        truth.answer("peridio", delivery("a1"), accepted=accepted)
    assert (truth.accepted("peridio"), truth.failed["peridio"]) == (1, 2)
    source = {one["key"]: (one["posted"], one["accepted"]) for one in rows(truth, tmp_path)}
    assert source == {"a1": (True, True), "a2": (False, False)}


def test_a_row_says_to_which_events_of_the_badge_it_belongs(truth, tmp_path):
    numbers = {"ACT-1": np.array([[0, 1], [4000, 3], [5000, 4], [9000, 9]])}
    truth.note("blecon", [made("a1"), made("b1", BATCH), made("c1", None)])
    truth.note("grouplink", [made("d1", BOOT, mm=5, cell_id="8b")])
    first, batch, alone, entry = rows(truth, tmp_path, numbers)
    names = ("cause", "first_sequence", "last_sequence", "latest_sequence")
    assert [first[name] for name in names] == ["ACT-1/boot/1", 4, 4, 4]
    assert [batch[name] for name in names] == ["ACT-1/upload/1", 5, 9, 9]
    assert [alone[name] for name in names] == [None] * 4
    assert (entry["mm"], entry["cell_id"], entry["worker_id"]) == (5, "8b", "Ana")
    assert first["timestamp_utc"] == "2026-03-16T05:45:05.000Z"


def test_bodies_are_written_as_they_are_and_secrets_never(truth, tmp_path):
    truth.note("blecon", [made("a1")])
    truth.post("blecon", delivery("a1", body=b'[{"id":"a1"}]'), START_MS + 5)
    truth.close()
    folder = tmp_path / "platforms"
    assert (folder / "blecon.ndjson").read_bytes() == b'[{"id":"a1"}]\n'
    (line,) = (folder / "blecon.headers.ndjson").read_text().splitlines()
    assert json.loads(line) == {
        "at": "2026-03-16T05:45:00.005Z",
        "attempt": 1,
        "headers": {"content-type": "application/json", "X-Key": HIDDEN},
    }


@pytest.mark.skipif(find_spec("pyarrow") is None, reason="pyarrow is not installed")
def test_parquet_says_the_same(truth, tmp_path):
    import pyarrow.parquet as pq

    truth.note("blecon", [made("a1"), made("c1", None)])
    lines = rows(truth, tmp_path)
    assert pq.read_table(tmp_path / "platforms.parquet").to_pylist() == lines
