"""The pump: effects are performed in order, answers come back, deadlines are kept."""

from __future__ import annotations

import pytest

from badge.effects import Erase, Program
from badge.inputs import Assign, Boot, FirmwareOffer, Unassign, UtcLearned
from badge.storage.memory import MemoryStore
from sim.engine.clock import Clock
from sim.engine.ports import PowerLostError
from sim.engine.pump import REBOOT_MS
from tests.sim.engine.rig import START_UNIX_MS, Cloud, Field, device


class Flash:
    """Writes down what it is asked for; may refuse the first time."""

    def __init__(self, diary=None, *, refuse=0):
        self.done, self.refuse = [], refuse

    def perform(self, effect):
        if self.refuse:
            self.refuse -= 1
            return False
        self.done.append(effect)
        return True


class FlashStore(MemoryStore):
    """A store with one effect an event, and a word that it was mended."""

    def append(self, entry, state):
        super().append(entry, state)
        return (Program(entry.sequence_number * 4, b"\0\0\0\0"),)

    def mend(self, address):
        return (Program(address + 1, b"\0\0\0\0"),)


class Supply:
    """Fails at the nth effect."""

    def __init__(self, at=10**9):
        self.left, self.fallen, self.restarts = at, 0, 0

    def spend(self, effect):
        self.left -= 1
        if self.left < 0:
            raise PowerLostError

    def fell(self):
        self.fallen += 1

    def restart(self):
        self.restarts += 1


def started(**more):
    made, diary = device(**more)
    made.receive(Boot())
    made.receive(UtcLearned(START_UNIX_MS))
    made.receive(Assign("W-007"))
    return made, diary


def events(diary, *types):
    return [line for line in diary.lines if line[1] in types]


def test_polls_are_answered_and_deadlines_are_kept():
    made, diary = started()
    made.clock.run_until(31_000)
    assert events(diary, "gps") == [(1000, "gps"), (16_000, "gps"), (31_000, "gps")]


def test_no_fix_is_no_answer():
    made, diary = started(field=Field(fix_after_ms=None))
    made.clock.run_until(12_000)
    assert events(diary, "gps_no_fix", "gps") == [(10_001, "gps_no_fix")]


def test_scans_are_answered_at_the_end_of_their_cycle():
    field = Field()
    made, diary = started(field=field)
    made.clock.run_until(15_000)
    assert field.cycles == [(0, 5000), (5000, 10_000), (10_000, 15_000)]
    assert events(diary, "ble_proximity") == [(15_000, "ble_proximity")]


def test_a_scanner_that_is_down_answers_nothing():
    made, diary = started(field=Field(rssi_dbm=None))
    made.clock.run_until(60_000)
    assert events(diary, "ScanResult") == []


def test_batches_are_sent_and_their_answers_given_back():
    clock = Clock()
    cloud = Cloud(clock, 503, 202)
    made, _ = started(clock=clock, cloud=cloud)
    made.receive(Unassign())
    clock.run_until(60_000)
    assert [upload.count for upload in cloud.batches[:2]] == [3, 3]
    assert not made.badge.store.queue.entries


def test_observers_hear_of_inputs_before_their_events_and_of_no_tick():
    made, diary = started()
    made.clock.run_until(100_000)
    assert diary.lines[:4] == [(0, "Boot"), (0, "UtcLearned"), (0, "reboot"), (0, "Assign")]
    assert "Tick" not in {name for _, name in diary.lines}


def test_flash_is_written_before_anyone_sees_the_event():
    order = []

    class Noting(Flash):
        def perform(self, effect):
            order.append("flash")
            return super().perform(effect)

    made, diary = device(store=FlashStore(), flash=Noting())
    diary.logged = lambda ms, entry: order.append("seen")
    made.receive(Boot())
    made.receive(UtcLearned(START_UNIX_MS))
    made.receive(Assign("W-007"))
    assert order == ["flash", "seen", "flash", "seen"]


def test_what_does_not_read_back_is_mended_before_anything_else():
    flash = Flash(refuse=1)
    made, diary = device(store=FlashStore(), flash=flash)
    made.receive(Boot())
    assert flash.done == [Program(5, b"\0\0\0\0")]
    assert events(diary, "FlashFault") == [(0, "FlashFault")]


def test_new_firmware_restarts_the_badge():
    made, diary = started()
    made.receive(FirmwareOffer("0.2.0"))
    made.clock.run_until(REBOOT_MS)
    assert made.badge.firmware_version == "0.2.0"
    assert [ms for ms, name in diary.lines if name == "Boot"] == [0, REBOOT_MS]


def test_a_supply_that_fails_ends_it_between_two_effects():
    supply = Supply(at=2)
    made, diary = device(store=FlashStore(), flash=Flash(), supply=supply)
    made.receive(Boot())
    made.receive(UtcLearned(START_UNIX_MS))
    assert (made.off, supply.fallen) == (True, 1)
    assert events(diary, "reboot") == []
    made.receive(Assign("W-007"))
    made.clock.run_until(10**6)
    assert events(diary, "Assign") == []


def test_a_supply_is_asked_to_restart_it():
    supply = Supply()
    made, _ = started(supply=supply)
    made.receive(FirmwareOffer("0.2.0"))
    assert supply.restarts == 1


def test_power_that_is_lost_without_a_supply_is_a_bug():
    class Broken(Flash):
        def perform(self, effect):
            raise PowerLostError

    made, _ = device(store=FlashStore(), flash=Broken())
    with pytest.raises(PowerLostError):
        made.receive(Boot())


def test_erase_goes_to_the_flash_too():
    class Erasing(MemoryStore):
        def append(self, entry, state):
            super().append(entry, state)
            return (Erase(4096),)

    flash = Flash()
    made, _ = device(store=Erasing(), flash=flash)
    made.receive(Boot())
    assert flash.done == [Erase(4096)]
