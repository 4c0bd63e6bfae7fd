import json
import shutil
import struct

import pytest

from badge.errors import InputError
from sim.view.live import Growing, source_of
from sim.view.sources.event_file import EventFile

EVENT = {"device_id": "ACT-00000001", "firmware_version": "0.1.0", "event_type": "shift_start"}


def line(number, device="ACT-00000001"):
    at = f"2026-03-14T10:{number // 60:02d}:{number % 60:02d}Z"
    event = {**EVENT, "device_id": device, "timestamp_utc": at, "sequence_number": number}
    return json.dumps({**event, "payload": {"worker_id": "Ana"}}) + "\n"


def document(body):
    (length,) = struct.unpack_from("<I", body)
    return json.loads(body[4 : 4 + length])


@pytest.fixture
def clock():
    return [100.0]


@pytest.fixture
def growing(tmp_path, clock):
    path = tmp_path / "x"
    path.write_text(line(1))
    return path, Growing(EventFile(path), lambda: clock[0])


def test_the_whole_then_what_came_and_nothing_twice(growing):
    path, growing = growing
    first = document(growing.whole())
    assert (first["rows"], first["live"], first["notes"]) == (1, True, [])
    assert growing.news(first["epoch"], 1) is None
    with path.open("a") as file:
        file.write(line(2) + line(3))
    news = document(growing.news(first["epoch"], 1))
    assert news["rows"] == 2
    assert document(growing.news(first["epoch"], 2))["rows"] == 1
    assert growing.news(first["epoch"], 3) is None


def test_lanes_are_drawn_anew_after_a_while_and_come_once(growing, clock):
    path, growing = growing
    epoch = document(growing.whole())["epoch"]
    with path.open("a") as file:
        file.write(line(2, "ACT-00000002"))
    news = document(growing.news(epoch, 1))
    assert "spans" not in news["layout"]
    assert [one["id"] for one in news["devices"]] == ["ACT-00000001", "ACT-00000002"]
    clock[0] += 5.0
    news = document(growing.news(epoch, 2))
    assert "spans" in news["layout"]
    assert growing.news(news["epoch"], 2) is None


def test_an_empty_file_is_followed_too(tmp_path):
    (tmp_path / "x").write_text("")
    growing = Growing(EventFile(tmp_path / "x"))
    first = document(growing.whole())
    assert first["rows"] == 0
    (tmp_path / "x").write_text(line(1))
    assert document(growing.news(first["epoch"], 0))["rows"] == 1


def test_what_is_alive_is_told_apart(tmp_path):
    (tmp_path / "x").write_text(line(1))
    assert source_of("x", tmp_path / "x", follow=False) is None
    assert source_of("x", tmp_path / "x", follow=True) is not None
    with pytest.raises(InputError):
        source_of("chaos:x", tmp_path / "chaos:x", follow=False)


def test_a_clock_that_is_learnt_gives_all_once_more(run, tmp_path, clock):
    source = sorted((run.parent / "recordings").iterdir())[0]
    lines = source.read_bytes().splitlines(keepends=True)
    learnt = next(i for i, one in enumerate(lines) if b'"utc"' in one)
    path = tmp_path / "r.ndjson"
    path.write_bytes(b"".join(lines[:learnt]))
    growing = Growing(source_of("r", path, follow=True), lambda: clock[0])
    first = document(growing.whole())
    assert (first["live"], first["utc"]) == (True, False)
    path.write_bytes(source.read_bytes())
    again = document(growing.news(first["epoch"], first["rows"]))
    assert (again["whole"], again["utc"]) == (True, True)
    clock[0] += 100
    while growing.news(again["epoch"], again["rows"]):
        again = document(growing.whole())
    assert again["rows"] == sum(b'"out"' in one for one in lines)


def test_fates_that_were_settled_come_with_the_lanes(run, tmp_path, clock):
    source = sorted((run.parent / "recordings").iterdir())[0]
    lines = source.read_bytes().splitlines(keepends=True)
    answers = [i for i, one in enumerate(lines) if b'"upload_answer"' in one]
    path = tmp_path / "r.ndjson"
    path.write_bytes(b"".join(lines[: answers[1]]))
    growing = Growing(source_of("r", path, follow=True), lambda: clock[0])
    first = document(growing.whole())
    with path.open("ab") as file:
        file.write(lines[answers[1]])
    clock[0] += 100
    news = document(growing.news(first["epoch"], first["rows"]))
    assert news["rows"] == 0
    assert news["layout"]["settled"]["at"][2] > 0


def test_a_run_that_has_ended_is_given_whole_and_is_alive_no_more(run, tmp_path):
    parts = tmp_path / ".x.running" / "resume" / "parts"
    parts.mkdir(parents=True)
    (parts / "000000.truth").write_bytes(b"")
    growing = Growing(source_of("x", tmp_path / "x", follow=False))
    first = document(growing.whole())
    assert first["live"]
    shutil.copytree(run, tmp_path / "x")
    shutil.rmtree(tmp_path / ".x.running")
    last = document(growing.news(first["epoch"], 0))
    assert (last["whole"], last["live"]) == (True, False)
    assert growing.news(last["epoch"], last["rows"]) is None
    assert growing.about(0)["event"]
