"""What was measured, done again in the world: people who turn and stand, boards, receivers."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from sim.calibration.estimators import Flags
from sim.engine.draws import draws
from sim.world.adverts import Tag
from sim.world.environments import Environment
from sim.world.gnss import Gnss
from sim.world.movement import Journey
from sim.world.place import Floats, Spot, Times
from sim.world.radio import Radio, Receiver
from sim.world.site import Plane, Sky, area
from sim.world.walker import Walker
from sim.world.work import WorkKind

APART_M = 1.83  # of the person and the receiver, as in the data set
BOARDS_M = 3.0
ADVERT_MS = 62  # between adverts, as in the data set
POLL_MS = 15_000
HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class HeardSeries:
    """All adverts of one series, heard on each of the three channels (0, 1, 2)."""

    t_ms: Times
    channel: Times
    rssi: Floats


@dataclass(frozen=True, slots=True)
class Turns:
    """A `Facing`: eight facings, so many seconds each."""

    dwell_s: float

    def heading_at(self, t_ms: Times) -> Floats:
        """Give the heading in radians."""
        heading: Floats = (t_ms // int(self.dwell_s * 1000) % 8).astype(np.float64) * (math.pi / 4)
        return heading


def person(
    env: Environment, seed: int, number: int, seconds: float, dwell_s: float = 15.0
) -> HeardSeries:
    """Let a person turn beside a receiver, or stand (a long dwell); `number` tells them apart."""
    angle = 2.399963 * (seed + number)  # the golden angle spreads them about the receiver
    tag_at = Spot(50.0 + 7.0 * seed, 30.0 + 11.0 * number)
    stands = Spot(tag_at.x_m + APART_M * math.cos(angle), tag_at.y_m + APART_M * math.sin(angle))
    badge = Receiver(f"person {number}", stands, Turns(dwell_s))
    return _heard(env, seed, tag_at, badge, seconds, ADVERT_MS)


def boards(env: Environment, seed: int, seconds: float, every_ms: int = ADVERT_MS) -> HeardSeries:
    """Leave two boards alone, three metres apart."""
    angle = 2.399963 * seed
    tag_at = Spot(50.0 + 7.0 * seed, 30.0)
    at = Spot(tag_at.x_m + BOARDS_M * math.cos(angle), tag_at.y_m + BOARDS_M * math.sin(angle))
    return _heard(env, seed, tag_at, Receiver("board", at), seconds, every_ms)


def _heard(
    env: Environment, seed: int, tag_at: Spot, badge: Receiver, seconds: float, every_ms: int
) -> HeardSeries:
    count = int(seconds * 1000) // every_ms
    number, channel = np.repeat(np.arange(count), 3), np.tile(np.arange(3), count)
    t_ms = number * every_ms + channel
    radio = Radio(seed, replace(env, loss=0.0))
    rssi = radio.levels(t_ms, number, channel, Tag("A0"), tag_at, badge)
    return HeardSeries(t_ms, channel, rssi.astype(np.float64))


@dataclass(frozen=True, slots=True)
class Polled:
    """Fixes of a receiver at one place: errors, stated radii and dops; which polls were missed."""

    error_m: Floats
    accuracy_m: Floats
    dop: Floats
    missed: Flags


def receiver(sky: Sky, seed: int, polls: int = 600) -> Polled:
    """Poll a receiver at one place every 15 s, from its first fix on."""
    plane = Plane(45.0, 15.0)
    gnss = Gnss(draws(seed, "calibration", sky), plane)
    gnss.power_on(0)
    found = [gnss.poll(number * POLL_MS, 0.0, 0.0, sky) for number in range(polls + 8)][8:]
    fixes = [fix for fix in found if fix is not None]
    off = [math.hypot(*plane.to_xy(fix.lat, fix.lon)) for fix in fixes]
    return Polled(
        np.array(off),
        np.array([fix.accuracy_m for fix in fixes]),
        np.array([fix.dop for fix in fixes]),
        np.array([fix is None for fix in found]),
    )


def polls_lost_to_upload(seed: int, upload_ms: int) -> int:
    """Count the polls of every 15 s that an upload in their midst leaves without a fix in 10 s."""
    gnss = Gnss(draws(seed, "calibration", "upload"), Plane(45.0, 15.0))
    gnss.power_on(0)
    for t_ms in range(0, 600_000, POLL_MS):
        gnss.poll(t_ms, 0.0, 0.0, "open")
    gnss.suspend(600_000, 600_000 + upload_ms)
    polls = [gnss.poll(t_ms, 0.0, 0.0, "open") for t_ms in range(600_000, 1_200_000, POLL_MS)]
    return sum(fix is None or fix.delay_ms > 10_000 for fix in polls)


def worker(kind: WorkKind, seed: int, hours: float = 4.0) -> Journey:
    """Let somebody work in a yard of 90 by 60 m."""
    yard = area("yard", "parcel", [(0, 0), (90, 0), (90, 60), (0, 60)])
    walker = Walker(draws(seed, "calibration", kind.name), (45.0, 30.0), 0)
    return walker.work(yard, round(hours * HOUR_MS), kind).journey()
