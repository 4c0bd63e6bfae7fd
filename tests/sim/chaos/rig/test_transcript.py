"""Everything that happened, as a hash that sees each change, and as its last lines."""

from __future__ import annotations

import pytest

from badge.effects import Logged, Notice, PollGps, Program, StartScan, Upload
from badge.entry import Entry
from badge.inputs import Battery, GpsFix, ScanResult
from sim.chaos.rig.transcript import LAST_LINES, Transcript

ENTRY = Entry(1, "gps", {}, "0.1.0", 0, 1_773_470_820_000)
TOLD = [
    ("happened", ScanResult((("AA:BB:CC:DD:EE:FF", -60),))),
    ("happened", ScanResult((("AA:BB:CC:DD:EE:FF", -61),))),
    ("happened", GpsFix(1.0, 2.0, hdop=1.0)),
    ("happened", GpsFix(1.0, 2.0, hdop=1.1)),
    ("happened", Battery(9)),
    ("wanted", Program(0, b"a")),
    ("wanted", Program(1, b"a")),
    ("wanted", Upload(1, b"[1]", 1, 1, 1)),
    ("wanted", Logged(ENTRY)),
    ("wanted", Notice("upload", "text")),
    ("said", "outage strikes"),
]


def digest(*told) -> str:
    transcript = Transcript()
    for how, what in told:
        getattr(transcript, how)(1000, "ACT-00000001", what)
    return transcript.digest


def test_every_difference_changes_the_hash_and_the_same_does_not():
    digests = [digest(one) for one in TOLD]
    assert len({digest(), *digests}) == len(TOLD) + 1
    assert digests == [digest(one) for one in TOLD]
    assert digest(*TOLD) != digest(*reversed(TOLD))


@pytest.mark.parametrize("effect", [PollGps(10_000), StartScan(5_000)])
def test_what_is_asked_all_the_time_is_left_out_of_the_hash(effect):
    assert digest(("wanted", effect)) == digest()


def test_the_last_lines_are_few_and_readable():
    transcript = Transcript()
    for second in range(100):
        transcript.said(second * 1000, "ACT-00000001", f"line {second}")
    transcript.wanted(3_723_004, "ACT-00000001", Logged(ENTRY))
    lines = transcript.last_lines()
    assert len(lines) == LAST_LINES
    assert lines[-1] == "  1:02:03.004  ACT-00000001  -> logged 1 gps {}"
    assert lines[-2].endswith("line 99")
