"""The same command goes on: what was written stays, and what anybody saw is in it."""

from __future__ import annotations

import pytest

from badge.config import BadgeConfig
from badge.errors import InputError
from sim.ingest.launch import launch_ingest
from sim.record import uplink
from sim.record.session import SessionOptions, last_logged, run_session
from sim.sources.open import read_track
from tests.sim.record.walk_file import lines, numbers


def session(tmp_path, walk, url=None, advance=lambda now_ms, end_ms: None, **more):
    options = SessionOptions(
        BadgeConfig(device_id="ACT-00000001", upload_interval_s=60),
        read_track(walk),
        None,
        worker_id="W-007",
        out=tmp_path / "r.ndjson",
        events=tmp_path / "e.ndjson",
        url=url,
        **more,
    )
    return run_session(options, advance)


def test_a_log_of_events_grows_from_life_to_life_and_recordings_stand_side_by_side(
    tmp_path, short_walk
):
    flash = tmp_path / "f.bin"
    first = session(tmp_path, short_walk, flash=flash)
    second = session(tmp_path, short_walk, flash=flash)
    written = numbers(lines(tmp_path / "e.ndjson"))
    assert written == [*first.counts.numbers, *second.counts.numbers]
    assert written == list(range(1, len(written) + 1))
    assert {path.name for path in tmp_path.glob("r*")} == {"r.ndjson", "r-2.ndjson"}


def test_without_a_flash_it_is_another_badge_and_another_log(tmp_path, short_walk):
    for _ in range(2):
        result = session(tmp_path, short_walk)
        assert numbers(lines(tmp_path / "e.ndjson")) == result.counts.numbers
    assert not (tmp_path / "r-2.ndjson").exists()


class Killed(BaseException):
    """Ends everything at once, as SIGKILL does."""


@pytest.mark.parametrize("batches", [1, 3])
@pytest.mark.parametrize("torn", [0, 7])
def test_what_the_server_has_seen_is_in_the_log_whenever_it_is_killed(
    tmp_path, short_walk, monkeypatch, batches, torn
):
    sent, send = [0], uplink.HttpUplink.send

    def dying(self, upload, answer):
        send(self, upload, answer)
        sent[0] += 1
        if sent[0] == batches:
            raise Killed

    log = tmp_path / "e.ndjson"
    with launch_ingest() as server:
        with monkeypatch.context() as patch:
            patch.setattr(uplink.HttpUplink, "send", dying)
            with pytest.raises(Killed):
                session(tmp_path, short_walk, server.url, flash=tmp_path / "f.bin")
        held = {event["sequence_number"] for event in server.store.events()}
        assert held <= set(numbers(lines(log)))
        if torn:  # and the disk lost the end of the last line
            log.write_bytes(log.read_bytes()[:-torn])
        session(tmp_path, short_walk, server.url, flash=tmp_path / "f.bin")
        held = {event["sequence_number"] for event in server.store.events()}
    written = numbers(lines(log))
    assert written == sorted(set(written))
    assert held <= set(written) or torn


def test_what_is_no_log_is_not_written_over(tmp_path, short_walk):
    (tmp_path / "e.ndjson").write_text("my diary\n")
    with pytest.raises(InputError, match="holds something else"):
        session(tmp_path, short_walk, flash=tmp_path / "f.bin")
    assert (tmp_path / "e.ndjson").read_text() == "my diary\n"


@pytest.mark.parametrize(
    ("content", "last", "left"),
    [
        (b"", 0, b""),
        (b'{"sequence_number":4}\n', 4, b'{"sequence_number":4}\n'),
        (b'{"sequence_number":4}\n{"sequ', 4, b'{"sequence_number":4}\n'),
        (b'{"sequ', 0, b""),
    ],
)
def test_a_torn_line_is_cut_off(tmp_path, content, last, left):
    path = tmp_path / "e.ndjson"
    path.write_bytes(content)
    assert last_logged(path) == last
    assert path.read_bytes() == left
    assert last_logged(tmp_path / "none") == 0
