"""Latency over time, and the page of a load."""

import base64
import json
import re
import zlib
from pathlib import Path

import pytest

from sim.load.counts import LoadCounts
from sim.load.run import Loaded
from sim.load.timeline import LatencyTimeline, page_of
from tests.command import call
from tests.sim.load.backends import answer, backend


def load(timeline, *batches):
    """Tell a timeline of (second until then, latencies in µs, labels)."""
    counts = LoadCounts()
    for second, latencies_us, labels in batches:
        counts.seconds = second
        for us in latencies_us:
            counts.latencies.note(us)
        for label in labels:
            counts.note(label)
        timeline.told(counts)
    return counts


def test_each_second_has_its_latencies_and_failures():
    told = []
    timeline = LatencyTimeline(told.append)
    load(timeline, (0.2, [1000], ["202"]), (1.1, [2000, 3000], ["202"] * 2), (1.5, [9000], ["401"]))
    assert len(told) == 3
    assert timeline.rows() == [
        ["0 to 1 s", "3", "2.000", "3.000", "3.000", "0"],
        ["1 to 2 s", "1", "9.000", "9.000", "9.000", "1"],
    ]


def test_a_long_load_has_wider_slices_and_nothing_is_lost():
    timeline = LatencyTimeline(slices_max=4)
    load(timeline, *((second + 1, [100 + second], ["500"]) for second in range(13)))
    assert timeline.width_s == 4
    assert [(row[0], row[1], row[5]) for row in timeline.rows()] == [
        ("0 to 4 s", "4", "4"),
        ("4 to 8 s", "4", "4"),
        ("8 to 12 s", "4", "4"),
        ("12 to 16 s", "1", "1"),
    ]


def test_the_page_has_percentiles_then_answers_then_time():
    timeline = LatencyTimeline()
    counts = load(timeline, (0.5, [1000] * 3, ["202", "202", "401 no"]))
    counts.unsent = 2
    rows = page_of(Loaded(counts), timeline, "x")["table"]["rows"]
    assert [row[0] for row in rows] == [
        *(f"latency, {name} %" for name in ("50", "90", "99", "99.9", "99.99", "100")),
        "latency, mean",
        "answer 202",
        "answer 401 no",
        "answer none: no connection was free",
        "0 to 1 s",
    ]
    assert {len(row) for row in rows} == {7}


@pytest.mark.parametrize("words", [("--rate", "50/s"), ("--rate", "find", "--most", "100/s")])
def test_the_option_writes_one_page(tmp_path, words):
    page = tmp_path / "load.html"
    with backend(lambda n, request: [answer()]) as one:
        said = call("load", one.url, *words, "--for", "0.2", "--view", page, "--json")
    assert said.code in (0, 1)
    json.loads(said.out)
    text = Path(page).read_text()
    assert text.startswith("<!doctype html>")
    coded = re.search(r'id="picture">([^<]+)<', text).group(1)
    drawn = zlib.decompress(base64.b64decode(coded))
    assert b"99 % ms" in drawn
    if "find" not in words:
        told = re.findall(rb'"\d+ to \d+ s","(\d+)"', drawn)
        assert sum(map(int, told)) == 10  # none is lost at the end
