"""What hotspots hear follows from the world: distance, service, and the same air each time."""

import numpy as np
import pytest

from sim.engine.streams import stream
from sim.fleet.webhooks.hearing import LASTS_MS, Hearing, _Turned
from sim.scenario.plan.hotspots import stands_of
from sim.scenario.plan.roster import Roster
from sim.scenario.plan.worn_badge import WornBadge
from sim.world.movement import Journey, Knot
from sim.world.place import whole_places, whole_turns
from sim.world.radio import Lobe
from tests.sim.fleet.story import parameters, source
from tests.sim.scenario.story import FOUR_HOTSPOTS


@pytest.fixture(scope="module")
def context():
    story = source(FOUR_HOTSPOTS)
    roster = Roster(story, parameters(story))
    return roster, stands_of(roster.site_plan, story.scenario.platforms.blecon)


@pytest.fixture(scope="module")
def hearing(context):
    roster, stands = context
    return Hearing(roster.site_plan, stands, WornBadge(roster, 0))


def test_each_hotspot_is_told_of_once_in_a_span_while_it_is_in_service(context, hearing):
    _, stands = context
    every_ms = 60_000
    found = hearing.sightings(every_ms)
    assert [one.ms for one in found] == sorted(one.ms for one in found)
    assert len({(one.hotspot, one.ms // every_ms) for one in found}) == len(found)
    assert {one.hotspot for one in found} == {"depot", "mixer", "hut"}
    for one in found:
        assert any(s.name == one.hotspot and s.t0_ms <= one.ms < s.t1_ms for s in stands)


def test_the_nearer_the_louder_and_beyond_reach_nothing(context, hearing):
    roster, stands = context
    spots = {one.name: one.mover for one in stands if one.name != "hut"}
    near, far, day = [], [], roster.days(0)[0]
    for one in hearing.sightings(5_000):
        if one.hotspot == "hut":
            continue
        at = np.array([one.ms])
        x, y = day.journey.xy_at(at)
        there_x, there_y = spots[one.hotspot].xy_at(at)
        metres = float(np.hypot(x - there_x, y - there_y)[0])
        assert metres <= 100.0
        (near if metres < 5 else far).append(one.rssi_dbm)
    assert np.mean(near) > np.mean(far) + 10


def test_a_body_is_in_the_way_only_when_its_back_is_turned_to_the_hotspot():
    east = Journey([Knot(0, 0.0, 0.0, 0.0, "stand")])
    for hotspot_x, lost_db in ((10.0, 0.0), (-10.0, 5.0)):
        # as the radio asks: the hotspot listens, the badge is what it listens to
        way = whole_places(np.array([0.0 - hotspot_x])), np.array([0])
        heading = whole_turns(_Turned(east).heading_at(np.array([5])))
        body = Lobe(stream(1, "body"), 5.0, 0.0)
        assert body.lost_db(heading, *way) == pytest.approx(lost_db, abs=0.01)


def test_lasts_means_that_somebody_hears_it_again_soon(hearing):
    all_ms = np.array([one.ms for one in hearing.sightings(1)])
    for one in hearing.sightings(60_000):
        later = all_ms[all_ms > one.ms]
        assert one.lasts == bool(len(later) and later[0] - one.ms <= LASTS_MS)


def test_an_offer_names_a_hotspot_that_heard_it_within_the_window(hearing):
    heard = hearing.sightings(1)
    offers = hearing.offers()
    assert len(offers) > 50
    for offer in offers[::7]:
        window = [one for one in heard if offer.ms - 90_000 <= one.ms < offer.ms]
        best = max(one.rssi_dbm for one in window)
        assert offer.hotspot in {one.hotspot for one in window if one.rssi_dbm == best}


def test_the_same_badge_is_always_heard_the_same(context, hearing):
    roster, stands = context
    again = Hearing(roster.site_plan, stands, WornBadge(roster, 0))
    assert again.sightings(60_000) == hearing.sightings(60_000)
    assert again.offers() == hearing.offers()
    other = Hearing(roster.site_plan, stands, WornBadge(roster, 1))
    assert other.sightings(60_000) != hearing.sightings(60_000)


def test_who_is_never_near_is_never_heard(context):
    roster, stands = context
    far = [one for one in stands if one.name == "far"]
    alone = Hearing(roster.site_plan, far, WornBadge(roster, 0))
    assert (alone.sightings(60_000), alone.offers()) == ([], [])
