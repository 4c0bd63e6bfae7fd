"""The page of a load."""

import base64
import json
import re
import zlib
from pathlib import Path

import pytest

from sim.load.arrivals import Arrivals, constant
from sim.load.counts import LoadCounts
from sim.load.page import page_of
from sim.load.run import Loaded
from sim.load.timeline import LatencyTimeline
from tests.command import call
from tests.sim.load.backends import answer, backend
from tests.sim.load.test_timeline import load


def curves(page):
    return {
        curve["title"]: {line["name"]: line["points"] for line in curve["lines"]}
        for curve in page["table"]["curves"]
    }


def test_the_page_has_percentiles_then_answers_then_time():
    timeline = LatencyTimeline()
    counts = load(timeline, (0.5, [1000] * 3, ["202", "202", "401 no"]))
    counts.unsent = 2
    rows = page_of(Loaded(counts), timeline, "x", constant(1.0, 1.0))["table"]["rows"]
    assert [row[0] for row in rows] == [
        *(f"latency, {name} %" for name in ("50", "90", "99", "99.9", "99.99", "100")),
        "latency, mean",
        "answer 202",
        "answer 401 no",
        "answer none: no connection was free",
        "0 to 1 s",
    ]
    assert {len(row) for row in rows} == {7}


def test_latency_is_drawn_by_percentile_over_time_and_over_a_ramps_rate():
    timeline = LatencyTimeline()
    first, then = [1000] * 100, [4000]
    counts = load(timeline, (1.1, first, ["202"] * 100), (1.5, then, ["503 busy"]))
    drawn = curves(page_of(Loaded(counts), timeline, "x", Arrivals(1.0, 21.0, 2.0)))
    by_percentile = drawn["Latency by percentile"]["latency"]
    assert by_percentile[0] == [0.301, 1.0]
    assert by_percentile[-1][1] == pytest.approx(4.0, rel=0.01)
    assert drawn["Latency over time"]["99 %"] == [[0.5, 1.0], [1.5, 4.0]]
    assert drawn["Answers over time"] == {
        "answers": [[0.5, 100.0], [1.5, 1.0]],
        "not taken": [[0.5, 0.0], [1.5, 1.0]],
    }
    assert drawn["Latency over the rate"]["50 %"] == [[6.0, 1.0], [16.0, 4.0]]


def test_a_search_is_drawn_over_its_rates_in_their_order():
    tried = []
    for rate, us in ((100.0, 1000), (200.0, 99_000), (200.0, 9000), (150.0, 2000)):
        counts = LoadCounts()
        counts.latencies.note(us)
        tried.append((rate, counts, us < 5000))
    drawn = curves(page_of(Loaded(LoadCounts(), probes=tried), LatencyTimeline(), "x", None))
    (points,) = {tuple(map(tuple, one)) for one in drawn["Latency over the rate"].values()}
    assert [x for x, _ in points] == [100.0, 150.0, 200.0]
    assert [round(y) for _, y in points] == [1, 2, 9]


def test_a_load_without_an_answer_has_no_curve_without_a_point():
    page = page_of(Loaded(LoadCounts()), LatencyTimeline(), "x", constant(1.0, 1.0))
    assert page["table"]["curves"] == []


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
