from __future__ import annotations

import numpy as np
import pytest

from badge.errors import InputError
from sim.engine.streams import stream
from sim.world.coverage import (
    NO_LINK,
    Coverage,
    Link,
    Outage,
    Zone,
    are_up,
    bars_of,
    link_of,
    registration_ms,
    upload_duration_ms,
)
from sim.world.movement import Journey, Knot
from sim.world.place import Spot
from sim.world.site import area

YARD = area("yard", "parcel", [(0, 0), (300, 0), (350, 200), (0, 100)])
WALK = Journey([Knot(30 * n, 7.0 * n, 3.0 * n, 0.0, "walk") for n in range(68)])
CELLAR = area("cellar", "indoor", [(0, 0), (50, 0), (50, 50), (0, 50)])
LINKS = {bars: Link(-80 - 10 * (4 - bars) - 5, bars) for bars in range(1, 5)}


def test_bars_are_androids():
    asked = (-140, -116, -115, -105, -95, -85, -60)
    assert [bars_of(dbm) for dbm in asked] == [0, 0, 1, 2, 3, 4, 4]


def test_the_same_place_has_the_same_bars_whenever_it_is_asked():
    air = Coverage(1)
    first = air.link_at(0, 10.0, 20.0)
    air.link_at(5, 900.0, 900.0)
    assert air.link_at(10**9, 10.0, 20.0) == first == Coverage(1).link_at(0, 10.0, 20.0)


def test_strength_over_places_has_the_stated_mean_and_spread():
    seen = [Coverage(seed).link_at(0, 0.0, 0.0).rsrp_dbm for seed in range(1500)]
    assert np.mean(seen) == pytest.approx(-92.0, abs=0.6)
    assert np.std(seen) == pytest.approx(6.0, rel=0.08)


def test_a_dead_zone_is_dead_and_its_neighbour_is_not():
    air = Coverage(1, base_dbm=-80.0, zones=[Zone(CELLAR, -100.0)], sigma_db=2.0)
    assert not air.link_at(0, 25.0, 25.0).up
    assert air.link_at(0, 75.0, 25.0).up


def test_an_outage_strikes_its_place_and_time_only():
    air = Coverage(1, base_dbm=-70.0, outages=[Outage(1000, 2000, CELLAR), Outage(1500, 1600)])
    up = [air.link_at(t, 25.0, 25.0).up for t in (999, 1000, 1999, 2000)]
    assert up == [True, False, False, True]
    elsewhere = [air.link_at(t, 99.0, 25.0).up for t in (1000, 1500, 1600)]
    assert elsewhere == [True, False, True]
    assert [air.back_at(t, 25.0, 25.0) for t in (0, 1000, 1550)] == [0, 2000, 2000]
    assert air.back_at(1550, 99.0, 25.0) == 1600


def test_outages_in_a_row_are_one_for_who_waits():
    air = Coverage(1, outages=[Outage(0, 10), Outage(10, 30), Outage(25, 40)])
    assert air.back_at(0, 0.0, 0.0) == 40


@pytest.mark.parametrize("body", [200, 25_000])
@pytest.mark.parametrize("bars", LINKS)
def test_uploads_last_as_long_as_trips_and_bytes_say(bars, body):
    rng, link = stream(1, "post"), LINKS[bars]
    drawn = [upload_duration_ms(body, link, rng) for _ in range(3000)]
    told = [ms for ms in drawn if ms is not None]
    median = 5 * link.round_trip_ms + (body + 600) * 8000 / link.uplink_bit_s
    assert np.median(told) == pytest.approx(median, rel=0.05)
    assert 1.0 - len(told) / len(drawn) == pytest.approx(link.loss, abs=0.02)


def test_better_bars_are_faster_and_a_kept_connection_too():
    rng = stream(2, "post")

    def median(bars, kept=False):
        drawn = [upload_duration_ms(500, LINKS[bars], rng, kept) for _ in range(400)]
        return np.median([ms for ms in drawn if ms is not None])

    times = [median(bars) for bars in (1, 2, 3, 4)]
    assert times == sorted(times, reverse=True)
    assert median(3, kept=True) < median(3)


def test_registration_takes_longer_at_the_edge():
    rng = stream(3, "reg")
    medians = [
        np.median([registration_ms(LINKS[b], rng) for _ in range(800)]) / 1000 for b in (1, 2, 3, 4)
    ]
    assert medians == pytest.approx([45.0, 25.0, 18.0, 14.0], rel=0.08)
    assert max(registration_ms(LINKS[1], rng) for _ in range(5000)) <= 300_000


def test_without_network_nothing_ends():
    rng = stream(4, "none")
    assert registration_ms(NO_LINK, rng) is None
    assert upload_duration_ms(1, NO_LINK, rng) is None
    assert NO_LINK.loss == 1.0


def test_what_cannot_be_is_refused():
    with pytest.raises(InputError, match="before it begins"):
        Outage(10, 10)
    with pytest.raises(InputError, match="base_dbm"):
        Coverage(1, base_dbm=10.0)


@pytest.mark.parametrize("zones", [(), (Zone(CELLAR, -100.0), Zone(YARD, 0.7))])
@pytest.mark.parametrize("outages", [(), (Outage(1000, 2000), Outage(0, 300, YARD))])
@pytest.mark.parametrize("mover", [WALK, Spot(20.0, 30.0)])
def test_many_moments_have_the_network_that_each_alone_has(zones, outages, mover):
    net = Coverage(3, -112.0, zones, outages)
    along = net.along(mover)
    levels = along.levels(-500, 10, 300)
    alone = [net.link_at(ms, *mover.position_at(ms)) for ms in range(-500, 2500, 10)]
    assert [link_of(dbm) for dbm in levels.tolist()] == alone
    assert [along.at(ms) for ms in range(-500, 2500, 10)] == alone
    assert are_up(levels).tolist() == [link.up for link in alone]
    assert mover is not WALK or {True, False} == {link.up for link in alone}


def test_the_next_change_of_the_outages():
    net = Coverage(3, -92.0, (), (Outage(1000, 2000), Outage(1500, 3000)))
    assert [net.changes_after(ms) for ms in (0, 1000, 2500, 3000)] == [1000, 1500, 3000, None]


def test_one_place_is_asked_quickly_and_answered_as_among_many():
    coverage = Coverage(5)
    places = [*np.random.default_rng(1).uniform(-5000, 5000, (300, 2)).tolist(), [0.0, 0.0]]
    shadows = coverage.shadows_at(*np.array(places).T).tolist()
    bars = coverage.bars_without_outage(places)
    for place, shadow_db, found in zip(places, shadows, bars, strict=True):
        assert coverage.link_at(0, *place).bars == found
        x, y = (round(metres * 65_536) for metres in place)
        assert coverage._shadowing.at_one(x, y) == shadow_db
