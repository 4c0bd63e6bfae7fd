"""The world of the virtual gates: what is simulated, and how it fails."""

from __future__ import annotations

import pytest

from badge.effects import Program
from hil.gates.virtual_world import (
    MOWER,
    CoverageUplink,
    CutFlash,
    LoggedKinds,
    MemoryIngest,
    SurveyedSensors,
    config_of,
    listener,
    pump_of,
    put_on,
    uplink_of,
)
from sim.engine.clock import Clock
from sim.engine.ports import PowerLostError
from sim.world.coverage import Outage

MINUTE_MS = 60_000


def worn(outages=()):
    clock = Clock()
    ingest, config, logged = MemoryIngest(clock), config_of(), LoggedKinds()
    uplink = uplink_of(clock, ingest, 0, config.device_id, outages)
    pump = pump_of(config, clock, SurveyedSensors(0, config.device_id), uplink, logged)
    put_on(pump)
    return clock, ingest, uplink, logged, config


def test_what_is_logged_arrives_in_order():
    clock, ingest, uplink, logged, config = worn()
    clock.run_until(40 * MINUTE_MS)
    numbers = ingest.numbers(config.device_id)
    assert numbers == list(range(1, len(numbers) + 1))
    assert logged.kinds["gps"] > 100
    assert logged.kinds["ble_proximity"] == 1
    assert {one["status"] for one in uplink.samples} == {202}
    assert not ingest.conflicts()
    ingest.close()


def test_an_outage_is_no_answer():
    clock, ingest, uplink, _, config = worn([Outage(0, 20 * MINUTE_MS)])
    clock.run_until(10 * MINUTE_MS)
    assert isinstance(uplink, CoverageUplink)
    assert {one["status"] for one in uplink.samples} == {"none"}
    assert ingest.numbers(config.device_id) == []
    ingest.close()


def test_near_is_heard_louder_than_far_and_the_same_seed_hears_the_same():
    near, far = (listener(0, "ACT-00000001", metres)(0, 50, 5000) for metres in (3.0, 12.0))
    assert near.mean() > far.mean() + 5
    assert (near == listener(0, "ACT-00000001", 3.0)(0, 50, 5000)).all()
    sensors = SurveyedSensors(0, "ACT-00000001")
    ((mac, _),) = sensors.heard(0, 5000)
    assert mac == MOWER
    assert SurveyedSensors(0, "ACT-00000001", radio=False).heard(0, 5000) == ()


def test_an_armed_flash_loses_its_power_in_the_middle_of_an_operation():
    flash = CutFlash(1)
    assert flash.perform(Program(0, b"\x00" * 8))
    flash.armed = True
    with pytest.raises(PowerLostError):
        flash.perform(Program(64, b"\x00" * 8))
