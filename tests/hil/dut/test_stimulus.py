from __future__ import annotations

from hil.dut.stimulus import read_stimulus
from tests.paths import EXAMPLES


def test_a_recordings_own_events_are_not_looked_at(tmp_path):
    shift = EXAMPLES / "firmware_bench" / "shift.ndjson"
    wanted = read_stimulus(shift).events
    assert len(wanted) > 40
    bare = tmp_path / "bare.ndjson"
    lines = shift.read_bytes().splitlines(keepends=True)
    bare.write_bytes(b"".join(line for line in lines if b'"out"' not in line))
    assert read_stimulus(bare).events == wanted
