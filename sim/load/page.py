"""The page of a load: its curves, its percentiles, its answers, and each second of it."""

from __future__ import annotations

from collections.abc import Sequence
from math import log10
from typing import Any

from badge.words import counted
from sim.load.arrivals import Arrivals
from sim.load.latencies import Latencies
from sim.load.report import PROBE_HEADINGS, probe_row
from sim.load.run import Loaded
from sim.load.timeline import LatencyTimeline, TimeSlice

HEADINGS = ("what", "requests", "50 % ms", "99 % ms", "most ms", "failed")
OVER_TIME = (50, 99, 100)
NINES = (50.0, 75.0, 90.0, 95.0, 99.0, 99.5, 99.9, 99.95, 99.99, 99.995, 99.999)
Curve = dict[str, Any]
Points = Sequence[tuple[float, float]]


def page_of(
    loaded: Loaded, timeline: LatencyTimeline, title: str, arrivals: Arrivals | None
) -> dict[str, Any]:
    """Give the page's curves and table: percentiles, answers by status, time; or rates tried.

    `arrivals` is None for a search, which had one for each rate.
    """
    if loaded.probes:
        rows = [[*probe_row(rate, c, holds=good)[:-1], good] for rate, c, good in loaded.probes]
        found = loaded.highest_per_s
        words = (
            "no rate held" if found is None else f"{found:,.0f} batches/s is the highest that held"
        )
        table = {"heads": PROBE_HEADINGS[:-1], "rows": rows, "curves": [_over_probes(loaded)]}
        return {"table": {"title": title, "words": [words], **table}}
    counts = loaded.counts
    figures = counts.document()
    slices = list(timeline.slices())
    empty = [""] * (len(HEADINGS) - 2)
    percentiles = [
        [f"latency, {name}" + ("" if name == "mean" else " %"), f"{value:,.3f} ms", *empty, None]
        for name, value in figures["latency_ms"].items()
    ]
    outcomes = [[f"answer {name}", f"{n:,}", *empty, None] for name, n in _outcomes(loaded)]
    curves = [_over_percentiles(counts.latencies), *_over_time(slices)]
    if arrivals is not None and arrivals.last_per_s != arrivals.first_per_s:
        curves.append(_over_rate(slices, arrivals))
    return {
        "table": {
            "title": title,
            "words": [_sentence(figures)],
            "heads": HEADINGS,
            "rows": [*percentiles, *outcomes, *([*_row(one), None] for one in slices)],
            "curves": [curve for curve in curves if any(one["points"] for one in curve["lines"])],
        }
    }


def _sentence(figures: dict[str, Any]) -> str:
    limited = "; the generator's own core was full" if figures["generator_limits"] else ""
    due = counted(figures["due"], "batch", "batches")
    return (
        f"{figures['seconds']:,.1f} s: {due} due, {figures['answered']:,} "
        f"answered, {figures['failed']:,} not taken; {figures['requests_per_s']:,.1f} answers/s, "
        f"{figures['events_per_s']:,.0f} events/s{limited}. Latency counts from when each was due."
    )


def _row(one: TimeSlice) -> list[str]:
    return [
        f"{one.from_s} to {one.until_s} s",
        f"{one.answers:,}",
        *(f"{one.percentile_ms(percent):,.3f}" for percent in OVER_TIME),
        f"{one.failed:,}",
    ]


def _outcomes(loaded: Loaded) -> list[tuple[str, int]]:
    counts = loaded.counts
    found = sorted(counts.labels.items())
    return [*found, ("none: no connection was free", counts.unsent)] if counts.unsent else found


def _over_percentiles(latencies: Latencies) -> Curve:
    """Latency by percentile, each nine as wide as the one before."""
    count = max(latencies.count, 1)
    known = [percent for percent in NINES if _nines(percent) <= log10(count)]
    points = [(_nines(percent), latencies.percentile_ms(percent)) for percent in known]
    if latencies.count:
        points.append((log10(count), latencies.percentile_ms(100.0)))
    ticks = [(_nines(percent), f"{percent:g} %") for percent in (50.0, 90.0, 99.0, 99.9, 99.99)]
    return {
        "title": "Latency by percentile",
        "x": "of the batches",
        "y": "ms",
        "ticks": ticks,
        "lines": [_line("latency", points)],
    }


def _nines(percent: float) -> float:
    return -log10(1 - percent / 100)


def _over_time(slices: Sequence[TimeSlice]) -> list[Curve]:
    answered = [one for one in slices if one.answers]
    latency = [
        _line(f"{percent} %" if percent < 100 else "most", points)
        for percent in OVER_TIME
        for points in [[(_middle_s(one), one.percentile_ms(percent)) for one in answered]]
    ]
    lines = [_line("answers", [(_middle_s(one), _a_second(one, one.answers)) for one in slices])]
    if any(one.failed for one in slices):
        failed = [(_middle_s(one), _a_second(one, one.failed)) for one in slices]
        lines.append(_line("not taken", failed))
    return [
        {"title": "Latency over time", "x": "s", "y": "ms", "lines": latency},
        {"title": "Answers over time", "x": "s", "y": "a second", "even": True, "lines": lines},
    ]


def _over_rate(slices: Sequence[TimeSlice], arrivals: Arrivals) -> Curve:
    slope = (arrivals.last_per_s - arrivals.first_per_s) / arrivals.seconds
    answered = [one for one in slices if one.answers]
    return _by_rate(
        [
            [
                (
                    arrivals.first_per_s + slope * min(_middle_s(one), arrivals.seconds),
                    one.percentile_ms(percent),
                )
                for one in answered
            ]
            for percent in (50, 99)
        ]
    )


def _over_probes(loaded: Loaded) -> Curve:
    # A rate that was tried twice is drawn as it was the last time, which is what counted.
    tried = sorted({rate: counts for rate, counts, _ in loaded.probes}.items())
    return _by_rate(
        [
            [(rate, counts.latencies.percentile_ms(percent)) for rate, counts in tried]
            for percent in (50, 99)
        ]
    )


def _by_rate(lines: Sequence[Points]) -> Curve:
    named = [_line(name, points) for name, points in zip(("50 %", "99 %"), lines, strict=True)]
    return {"title": "Latency over the rate", "x": "batches due/s", "y": "ms", "lines": named}


def _line(name: str, points: Points) -> dict[str, Any]:
    return {"name": name, "points": [[round(x, 4), round(y, 3)] for x, y in points]}


def _middle_s(one: TimeSlice) -> float:
    return (one.from_s + one.until_s) / 2


def _a_second(one: TimeSlice, count: int) -> float:
    return count / (one.until_s - one.from_s)
