"""A walk into a backend with bad manners: what it refused is in quarantine, all else arrives."""

from __future__ import annotations

import pytest

from badge.config import BadgeConfig
from badge.host.flash_file import FlashFile
from badge.storage.journal import FlashJournal
from sim.record import uplink
from sim.record.session import SessionOptions, run_session
from sim.sources.open import read_track
from tests.sim.net.hostile import BEHAVIOURS, SLOW, hostile
from tests.sim.record.walk_file import lines, numbers

DEVICE = "ACT-00000001"
TIMES = 2  # so often it misbehaves; then it takes batches as an ingest does


def walked(tmp_path, walk, url):
    options = SessionOptions(
        BadgeConfig(device_id=DEVICE, upload_interval_s=60, backoff_first_s=1, backoff_cap_s=4),
        read_track(walk),
        None,
        worker_id="W-007",
        events=tmp_path / "e.ndjson",
        flash=tmp_path / "f.bin",
        url=url,
    )
    result = run_session(options, lambda now_ms, end_ms: None)
    with FlashFile(tmp_path / "f.bin") as flash:
        store = FlashJournal(flash, flash.geometry)
        store.recover()
    logged = set(numbers(lines(tmp_path / "e.ndjson")))
    waiting = {entry.sequence_number for entry in store.queue.entries}
    return result, logged, waiting, {q.entry.sequence_number for q in store.queue.quarantined}


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_no_bad_manner_costs_an_event(tmp_path, short_walk, monkeypatch, name):
    if name.startswith(SLOW):
        monkeypatch.setattr(uplink, "TIMEOUT_S", 0.2)
    with hostile(name, TIMES) as backend:
        _, logged, waiting, quarantined = walked(tmp_path, short_walk, backend.url)
    held = {number for _, number in backend.held}
    assert backend.requests > TIMES
    assert logged == held | waiting | quarantined
    assert quarantined == {number for _, number in backend.refused}
    assert waiting == set()
