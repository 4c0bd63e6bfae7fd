"""What a card says, as inputs: only what is new, only fixes that are fresh."""

from __future__ import annotations

import asyncio

import pytest

from badge.inputs import Battery, Cellular, GpsFix, Movement, UtcLearned
from hil.card.errors import CardGoneError, CardRefusedError
from hil.card.reply import CardAnswer
from hil.card.sensors import CardSensors, Rhythm

NOW_S = 1_780_000_000
FIX = {"status": "GPS updated {gps-active} {gps}", "lat": 52.5, "lon": 13.4, "dop": 1.2}


class Clock:
    """Each sleep takes its time at once; too many end the story."""

    def __init__(self, sleeps=40):
        self.now_ns, self.left = 0, sleeps

    def monotonic_ns(self):
        return self.now_ns

    async def sleep(self, delay_s):
        self.now_ns += round(delay_s * 1e9)
        self.left -= 1
        if not self.left:
            raise EOFError
        await asyncio.sleep(0)


class Card:
    """Answers from a table: a dict, a list to go through, or an error."""

    def __init__(self, **answers):
        self.openings, self.asked = 1, []
        self.answers = {name.replace("_", "."): one for name, one in answers.items()}

    async def ask(self, request, members=None, **how):
        self.asked.append((request, members or {}))
        found = self.answers.get(request, {})
        if isinstance(found, list):
            found = found.pop(0) if len(found) > 1 else found[0]
        if isinstance(found, dict) and "err" in found:
            raise CardRefusedError(found["err"], found)
        if isinstance(found, Exception):
            raise found
        return CardAnswer(found)


def watched(card, **parts):
    """Watch for a while; the inputs that came of it."""
    given = []
    sensors = CardSensors(card, clock=Clock(), rhythm=Rhythm(turn_s=1.0), **parts)
    with pytest.raises(EOFError):
        asyncio.run(sensors.watch(given.append))
    return given, sensors


def test_everything_is_told_once_while_it_stays_the_same():
    card = Card(
        card_time={"time": NOW_S},
        hub_status={"connected": True},
        card_motion={"count": 3},
        card_voltage={"value": 3.84},
    )
    card.answers["card.time"] = {"time": NOW_S}
    given, sensors = watched(card)
    assert given == [UtcLearned(NOW_S * 1000), Cellular(True), Movement(True), Battery(50, 3840)]
    assert sensors.view.utc_known


def test_no_time_is_no_trouble_and_is_asked_again():
    card = Card(card_time=[{"err": "time is not yet set {no-time}"}, {"time": NOW_S}])
    given, _ = watched(card)
    assert UtcLearned(NOW_S * 1000) in given


def test_movement_ceases_and_usb_is_full():
    card = Card(card_motion=[{"count": 2}, {}], card_voltage={"value": 5.0, "usb": True})
    given, _ = watched(card)
    moves = [one for one in given if isinstance(one, Movement)]
    assert moves == [Movement(True), Movement(False)]
    assert Battery(100, 5000) in given


def test_a_card_that_hung_up_after_a_sync_is_online():
    card = Card(hub_status={"connected": False})
    card.answers["hub.sync.status"] = {"status": "completed {sync-end}", "completed": 9}
    assert Cellular(True) in watched(card)[0]
    card.answers["hub.sync.status"]["alert"] = True
    assert Cellular(False) in watched(card)[0]


def test_settings_are_made_again_after_the_card_was_gone():
    card = Card(card_motion=[{}, CardGoneError("notecard: gone"), {}])
    settings = (("hub.set", {"product": "p:q"}),)
    asked = card.ask

    async def ask(request, members=None, **how):
        try:
            return await asked(request, members, **how)
        except CardGoneError:
            card.openings += 1
            raise

    card.ask = ask
    given, sensors = watched(card, settings=settings)
    assert card.asked.count(("hub.set", {"product": "p:q"})) == 2
    assert sensors.view.losses == 1
    assert Cellular(False) in given


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({"time": NOW_S}, True),
        ({"time": NOW_S - 60}, False),
        ({"time": NOW_S, "status": "GPS is off {gps-inactive}"}, False),
        ({"time": NOW_S, "lat": None}, False),
        ({}, False),
    ],
)
def test_only_a_fresh_fix_of_the_receiver_counts(changes, counts):
    card = Card(card_time={"time": NOW_S})
    card.answers["card.location"] = {**FIX, **changes}
    sensors = CardSensors(card, clock=Clock(10))

    async def story():
        await sensors._read_time(lambda what: None)
        return await sensors.fix(3.0)

    assert asyncio.run(story()) == (GpsFix(52.5, 13.4, hdop=1.2) if counts else None)


def test_the_receiver_is_switched_and_switched_again_when_it_failed():
    card = Card()
    card.answers["card.location.mode"] = [CardGoneError("notecard: gone"), {}]
    sensors = CardSensors(card, clock=Clock())

    async def story():
        await sensors.power_gps(True)
        assert "gone" in sensors.view.trouble
        await sensors._ask("card.time")

    asyncio.run(story())
    modes = [members for request, members in card.asked if request == "card.location.mode"]
    assert modes == [{"mode": "continuous"}] * 2
