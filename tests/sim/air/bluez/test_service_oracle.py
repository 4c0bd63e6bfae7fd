"""Every story of the oracle: what a real bluetoothd 5.66 said, line by line, times aside.

A row a story; `docs/air.md` has the table.  Without the recordings all of it is skipped.
"""

from __future__ import annotations

import re

import pytest

from sim.air.radio.conditions import profile
from tests.paths import DOCS
from tests.sim.air import oracle

STORIES = [
    "addrtype", "badfilters", "bredr", "burst", "connect", "device_calls", "duplicates", "errors",
    "flags_127", "flags_auto", "flags_le", "merging", "monitor", "monitor_active", "monitor_bad",
    "monitor_rssi", "monitor_types", "names", "nolimit_flags", "nonconn", "pathloss", "pattern",
    "poweroff", "restart_kill", "restart_term", "rssi127_nofilter", "rssi_127", "rssi_edges",
    "rssi_le", "rssi_nofilter", "rssifilter", "sections", "setprops", "start_stop", "timeout30",
    "train_le", "train_monitor", "train_none", "train_rssi", "tree", "two_filters",
]  # fmt: skip

pytestmark = pytest.mark.skipif(
    not oracle.RECORDINGS.is_dir(), reason="no recordings of a real BlueZ beside the checkout"
)


def compared(name, conditions=None):
    real, asked = oracle.recorded(name)
    ours, ours_asked = oracle.told(name, conditions or profile())
    if name == "burst":
        real, ours = oracle.merged(real), oracle.merged(ours)
    if name == "restart_kill":
        # The real story took longer: its kernel's window ended before the log was read.
        ours_asked = [*ours_asked, "disable"]
    return oracle.first_difference(real, ours), asked, ours_asked


@pytest.mark.parametrize("name", STORIES)
def test_a_program_sees_what_it_sees_of_a_real_one(name):
    difference, asked, ours_asked = compared(name)
    assert not difference, difference
    assert ours_asked == asked


def test_every_recording_is_a_row():
    assert oracle.story_names() == STORIES


@pytest.mark.parametrize("name", ["rssi_nofilter", "nolimit_flags", "nonconn", "pathloss", "burst"])
def test_an_ideal_air_would_not_pass(name):
    assert compared(name, profile("ideal"))[0]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda lines: lines[:-1], "missing"),
        (lambda lines: [*lines, lines[-1]], "nothing more"),
        (lambda lines: [lines[1], lines[0], *lines[2:]], "line 1"),
    ],
)
def test_a_line_too_few_too_many_or_in_another_place_is_seen(change, place):
    real, _ = oracle.recorded("rssi_le")
    assert not oracle.first_difference(real, real)
    assert place in oracle.first_difference(real, change(real))


def test_an_answer_may_stand_before_signals_of_its_moment_and_not_after_them():
    signal = oracle.Line(1.0, "A", "PC hci0 Adapter1 {} gone []")
    answer = oracle.Line(1.01, "A", "CALL hci0 StopDiscovery  -> ok []")
    assert not oracle.first_difference([signal, answer], [answer, signal])
    assert oracle.first_difference([answer, signal], [signal, answer])
    late = oracle.Line(1.5, "A", answer.words)
    assert oracle.first_difference([signal, late], [late, signal])


def test_the_page_has_the_table():
    page = (DOCS / "air.md").read_text()
    assert re.findall(r"^\| `(\w+)` \|", page.partition("## Story by story")[2], re.M) == STORIES
