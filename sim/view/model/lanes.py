"""Lanes out of events alone: what lasts between two of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sim.view.model.columns import SAMPLE, SPAN, Columns, columns_of
from sim.view.model.events import KINDS, WordList

LANES = (
    *("shift", "motion", "gps", "tags", "rssi", "queue"),
    *("uploads", "network", "battery", "clock", "boots"),
)
LANE = {name: place for place, name in enumerate(LANES)}
CALM, GOOD, LOOK, BAD = range(4)
_K = {name: place for place, name in enumerate(KINDS)}
_OPENING = [_K[k] for k in ("shift_start", "shift_end", "motion", "ble_proximity", "ble_lost")]
_TOLD = [_K[k] for k in ("low_battery", "reboot", "ble_proximity", "ble_lost")]


class LaneRows:
    """Collects spans and samples; `words` are their labels."""

    def __init__(self) -> None:
        self.words = WordList(("",))
        self.spans: list[tuple[Any, ...]] = []
        self.samples: list[tuple[Any, ...]] = []

    def span(
        self, lane: str, device: int, t0_ms: float, t1_ms: float, label: str, tone: int = CALM
    ) -> None:
        """Take what lasts from one moment to another."""
        self.spans.append((t0_ms, t1_ms, self.words.place(label), device, LANE[lane], tone))

    def sample(self, lane: str, device: int, t_ms: float, value: float, tag: int = -1) -> None:
        """Take a number at a moment."""
        self.samples.append((t_ms, value, device, tag, LANE[lane]))

    def copy(self) -> LaneRows:
        """Give the same once more, to which more can be added."""
        other = LaneRows()
        other.words = self.words
        other.spans, other.samples = list(self.spans), list(self.samples)
        return other

    def columns(self) -> tuple[Columns, Columns]:
        """Give spans by device, lane and time, and samples likewise."""
        spans, samples = columns_of(self.spans, SPAN), columns_of(self.samples, SAMPLE)
        by_span = np.lexsort((spans["t0_ms"], spans["lane"], spans["device"]))
        by_sample = np.lexsort((samples["t_ms"], samples["lane"], samples["device"]))
        return (
            {name: column[by_span] for name, column in spans.items()},
            {name: column[by_sample] for name, column in samples.items()},
        )


def add_lanes(
    lanes: LaneRows,
    events: Columns,
    end_ms: float,
    workers: Mapping[int, str],
    tags: Sequence[str],
    devices: Sequence[int] | None = None,
) -> None:
    """Add what the events themselves tell of these devices (None: all): shifts, motion, tags.

    Events are in order of time.  Where a recording tells more, it is asked instead.
    """
    shift: dict[int, float] = {}
    near: dict[tuple[int, int], float] = {}
    chosen = np.isin(events["kind"], _OPENING)
    if devices is not None:
        chosen &= np.isin(events["device"], devices)
    some = np.flatnonzero(chosen)
    names = ("t_ms", "device", "kind", "tag", "value", "state")
    moved: dict[int, tuple[float, int]] = {}
    for t_ms, device, kind, tag, held_s, state in zip(
        *(events[name][some].tolist() for name in names), strict=True
    ):
        if kind == _K["shift_start"]:
            shift[device] = t_ms
        elif kind == _K["shift_end"]:
            lanes.span(
                "shift", device, shift.pop(device, t_ms), t_ms, workers.get(device, ""), GOOD
            )
            if device in moved:
                since_ms, was = moved.pop(device)
                _motion(lanes, device, since_ms, was, t_ms)
        elif kind == _K["motion"]:
            lasted_ms = held_s * 1000.0 if held_s == held_s else 0.0
            since_ms, was = moved.get(device, (t_ms - lasted_ms, 3 - state))
            _motion(lanes, device, since_ms, was, t_ms)
            moved[device] = t_ms, state
        elif kind == _K["ble_proximity"]:
            near[device, tag] = t_ms
        elif (device, tag) in near:
            lanes.span("tags", device, near.pop((device, tag)), t_ms, _tag(tags, tag), GOOD)
    for device, start_ms in shift.items():
        lanes.span("shift", device, start_ms, end_ms, workers.get(device, ""), LOOK)
        if device in moved:
            _motion(lanes, device, *moved[device], end_ms)
    for (device, tag), start_ms in near.items():
        lanes.span("tags", device, start_ms, end_ms, _tag(tags, tag), GOOD)
    _add_samples(lanes, events, devices)


def _motion(lanes: LaneRows, device: int, t0_ms: float, state: int, t1_ms: float) -> None:
    moving = state == 1
    lanes.span("motion", device, t0_ms, t1_ms, "moving" if moving else "still", GOOD * moving)


def _add_samples(lanes: LaneRows, events: Columns, devices: Sequence[int] | None) -> None:
    chosen = np.isin(events["kind"], _TOLD)
    if devices is not None:
        chosen &= np.isin(events["device"], devices)
    some = np.flatnonzero(chosen)
    names = {_K["low_battery"]: "battery", _K["reboot"]: "queue"}
    columns = [events[name][some].tolist() for name in ("t_ms", "device", "kind", "tag", "value")]
    for t_ms, device, kind, tag, value in zip(*columns, strict=True):
        if value == value:
            lanes.sample(names.get(kind, "rssi"), device, t_ms, value, tag)


def _tag(tags: Sequence[str], place: int) -> str:
    return tags[place] if 0 <= place < len(tags) else "?"
