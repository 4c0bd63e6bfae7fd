"""A shift along a track, from the first point to the last, and what is left to send after it."""

from __future__ import annotations

from badge.config import read_config
from badge.inputs import Boot, ConfigPush
from badge.storage.memory import MemoryStore
from sim.engine.clock import Clock
from sim.record.drive import DRAIN_MS, Drive
from sim.record.sensors import RecordedSensors
from tests.sim.engine.rig import Cloud, device, walk


def track(*seconds):
    return walk(*((s, 45.5 + s / 1e5) for s in seconds))


def drive(path, *statuses, online=True, store=None, **more):
    clock = Clock()
    cloud = Cloud(clock, *statuses)
    sensors = RecordedSensors(path, None)
    made, diary = device(clock=clock, store=store, field=sensors, cloud=cloud)
    told = []
    ride = Drive(made, sensors, path, "W-007", online=online, **more)
    ride.run(lambda now, end: told.append((now, end)))
    return made, diary, cloud, told


def test_the_shift_lasts_from_the_first_point_to_the_last():
    _, diary, _, told = drive(track(*range(0, 121, 10)))
    logged = [line for line in diary.lines if line[1] in ("reboot", "shift_start", "shift_end")]
    assert logged == [(0, "reboot"), (0, "shift_start"), (120_000, "shift_end")]
    assert [name for ms, name in diary.lines if name == "gps"]
    assert told[-1] == (120_000, 120_000)
    assert told == sorted(told)


def test_all_is_sent_in_the_end():
    made, _, cloud, _ = drive(track(0, 60), 503, 503, 202)
    assert not made.badge.store.queue.entries
    assert len(cloud.batches) >= 3


def test_a_cloud_that_refuses_for_hours_ends_the_drain_with_the_events_kept():
    made, _, cloud, _ = drive(track(0, 60), 503)
    assert made.badge.store.queue.entries
    assert made.clock.now_ms <= 60_000 + DRAIN_MS
    assert 5 < len(cloud.batches) < 60


def test_offline_nothing_is_waited_for():
    made, *_ = drive(track(0, 60), online=False)
    assert made.clock.now_ms == 60_000
    assert made.badge.store.queue.entries


def test_the_configuration_asked_for_outranks_the_one_in_flash():
    store = MemoryStore()
    older, _ = device(store=store, gps_interval_s=30)
    older.receive(Boot())
    older.receive(ConfigPush({"gps_interval_s": 45}))
    made, diary, _, _ = drive(track(0, 60), store=store)
    assert made.badge.config == made.badge.given_config
    assert (0, "config_applied") in diary.lines


def test_flash_that_outlives_the_run_is_told_whose_it_is():
    store = MemoryStore()
    drive(track(0, 60), store=store, owns_flash=True)
    assert read_config(dict(store.config_document)).device_id == "ACT-3F8A21B4"
    store = MemoryStore()
    drive(track(0, 60), store=store)
    assert store.config_document is None
