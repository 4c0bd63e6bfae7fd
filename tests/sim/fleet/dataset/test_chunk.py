import json
from collections import Counter
from zipfile import ZipFile

import pytest

from sim.fleet.dataset.chunk import CONTENT, read_chunk, write_chunk
from sim.fleet.dataset.days import DayRows
from sim.fleet.output.parts import BadgeResult
from sim.scenario.language.times import SiteClock, unix_ms_of, zone_of

CLOCK = SiteClock(unix_ms_of("2026-03-02T05:00:00Z", "start"), zone_of("UTC"))
LINE = b'{"n":%d,"timestamp_utc":"2026-03-%02dT12:00:00Z"}\n'
PLACE = ("truth/events", "2026-03-03")


def written(tmp_path):
    rows = DayRows(tmp_path, CLOCK)
    lines = [LINE % (n, day) for n, day in enumerate((2, 2, 3), start=1)]
    rows.add(BadgeResult(0, "ACT-1", lines={".truth": lines, ".events": lines}))
    return write_chunk(tmp_path / "badges.zip", "key", rows, Counter(events=3)), rows


def test_a_chunk_is_read_as_it_was_written(tmp_path):
    chunk, rows = written(tmp_path)
    read = read_chunk(chunk.path, "key")
    assert (read.rows, read.counts) == (rows.rows, {"events": 3})
    for place in rows.rows:
        assert list(read.lines(place)) == list(rows.lines(place)) != []
    assert list(read.lines(("events", "2030-01-01"))) == []
    assert read_chunk(chunk.path, "another") is None
    assert read_chunk(tmp_path / "none.zip", "key") is None


@pytest.mark.parametrize("at", [0, 40, 120, -30, -1])
def test_a_chunk_that_was_cut_off_or_changed_is_none(tmp_path, at):
    chunk, _ = written(tmp_path)
    content = chunk.path.read_bytes()
    chunk.path.write_bytes(content[:at])
    assert read_chunk(chunk.path, "key") is None


def test_a_flipped_byte_of_a_row_is_seen(tmp_path):
    chunk, _ = written(tmp_path)
    content = bytearray(chunk.path.read_bytes())
    with ZipFile(chunk.path) as whole:
        first = whole.infolist()[0]
    content[first.header_offset + 30 + len(first.filename) + 5] ^= 1
    chunk.path.write_bytes(content)
    assert read_chunk(chunk.path, "key") is None


@pytest.mark.parametrize(
    "content", [{}, [], {"key": "key", "counts": {}, "members": [["a", "b", 1, 2]]}]
)
def test_a_foreign_zip_is_none(tmp_path, content):
    with ZipFile(tmp_path / "x.zip", "w") as whole:
        whole.writestr(CONTENT, json.dumps(content))
    assert read_chunk(tmp_path / "x.zip", "key") is None
