"""`badge run` on the virtual card and the virtual air: whole stories in seconds."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import time
from contextlib import asynccontextmanager

import pytest
from click.testing import CliRunner

from badge.config import BadgeConfig
from badge.errors import InputError
from badge.host import processes
from badge.host.recording_file import RecordingFile
from badge.host.telemetry.watch import TELEMETRY
from badge.recording.format import Wrote
from badge.recording.playback import replay
from hil.app.buttons import press_button, socket_path
from hil.app.cli import assign, run, unassign
from hil.app.options import RunOptions
from hil.app.run import drive
from sim.air.bluez.system_bus import SystemBus
from sim.air.radio.air import Air
from sim.notecard.model.link import Timing
from sim.notecard.notehub.hub import Hub
from sim.notecard.notehub.routes import Proxy
from tests.badge.host.telemetry.rig import collector
from tests.patience import eventually

TAG = "AA:BB:CC:DD:EE:01"
CONFIG = BadgeConfig(
    device_id="ACT-3F8A21B4",
    known_equipment_tags=[TAG],
    gps_interval_s=1,
    gps_timeout_s=1,
    gps_stationary_interval_s=1,
    ble_scan_period_s=1,
    ble_detection_count_threshold=2,
    upload_interval_s=2,
    boot_upload_delay_s=1,
    backoff_first_s=1,
)

pytestmark = pytest.mark.usefixtures("hurried")


@pytest.fixture
def started(bench, ingest, tmp_path, warped):
    """`async with started(…) as badge:` runs a badge; badge.press, badge.events, badge.bench."""

    class Badge:
        def __init__(self, here, options):
            self.bench, self.options = here, options

        async def press(self, **request):
            path = socket_path(self.options.flash)
            while True:
                try:
                    return await asyncio.to_thread(press_button, path, request)
                except InputError as error:
                    if "is booting" not in str(error):
                        raise

        def events(self, kind=None):
            found = ingest.store.events()
            return [one for one in found if kind in (None, one["event_type"])]

        async def until(self, condition):
            """Look until it is so: the ingest and the card live in threads, and tell nobody."""

            def so():
                assert not self.task.done(), self.task
                return condition()

            await eventually(so)

        async def there(self):
            await self.until(socket_path(self.options.flash).exists)

    @asynccontextmanager
    async def start(wire="serial", scanner="none", parts=None, warp=4.0, **options):
        proxy = Proxy(ingest.url + "/api/events")
        here = bench(wire, warp, hub=Hub([], {"ingest": proxy}), **(parts or {}))
        kept = RunOptions(
            here.spec,
            scanner,
            options.pop("config", CONFIG),
            tmp_path / "badge.flash",
            product="com.example:badge",
            **options,
        )
        badge = Badge(here, kept)
        badge.task = asyncio.create_task(drive(kept, warped(warp)))
        try:
            await badge.there()
            yield badge
        finally:
            badge.task.cancel()
            await asyncio.gather(badge.task, return_exceptions=True)

    return start


def play(story):
    asyncio.run(asyncio.wait_for(story, 300))  # for one that hangs


def test_a_shift_on_wires_and_its_replay(started, tmp_path, monkeypatch):
    async def story():
        air = Air(1)
        async with SystemBus(air) as bus:
            monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)

            async def advertise():
                while True:
                    air.advertise(TAG, -55, manufacturer_data={1: b"x"})
                    await asyncio.sleep(0.05)  # the tag's interval

            sending = asyncio.create_task(advertise())
            async with started(scanner="bleak", record=tmp_path / "shift.ndjson") as badge:
                assert await badge.press(do="assign", worker_id="W-007") == (
                    "the shift of W-007 has begun"
                )
                await badge.until(lambda: badge.events("ble_proximity") and badge.events("gps"))
                assert "has ended" in await badge.press(do="unassign")
                await badge.until(lambda: badge.events("shift_end"))
                with pytest.raises(InputError, match="no shift is open"):
                    await badge.press(do="unassign")
            sending.cancel()

    play(story())
    with RecordingFile(tmp_path / "shift.ndjson") as file:
        lines = list(file)
        again = list(replay(file.header, lines))
    assert again == [line for line in lines if isinstance(line, Wrote)]
    kinds = [line.event["event_type"] for line in again]
    assert {"reboot", "shift_start", "gps", "ble_proximity", "shift_end"} <= set(kinds)


def test_whoever_listens_hears_of_events_queue_link_and_uploads(started):
    async def story():
        async with started() as badge:
            await badge.press(do="assign", worker_id="W-007")
            await badge.until(lambda: badge.events("gps"))

    with collector() as kept, TELEMETRY.of_command("run", kept.url):
        play(story())
    assert kept.services == {"badge-run"}
    assert kept.counts("badge.events", "badge.event.type")["shift_start"] == 1
    assert set(kept.counts("badge.link.connected")) == {None}
    assert set(kept.counts("badge.queue.events")) == {None}
    assert kept.named("upload")
    assert not any(b"W-007" in one or b"ACT-3F8A21B4" in one for one in kept.raw)


def test_i2c_carries_it_too(started):
    async def story():
        async with started("i2c-socket") as badge:
            await badge.press(do="assign", worker_id="W-007")
            await badge.until(lambda: badge.events("gps"))

    play(story())


FAULTS = {
    "cable out and in": lambda here: here.live._handle(
        here.notecard.transactions.unplug(here.live.now_ms(), 700)
    ),
    "restart": lambda here: here.live.act(lambda s: s.card.restart("restart")),
    "brown-out": lambda here: here.live.act(lambda s: s.faults.arm("brown-out")),
    "noise": lambda here: here.live.act(lambda s: s.faults.arm("garbage", 3)),
    "damaged answers": lambda here: here.live.act(lambda s: s.faults.arm("corrupt-crc", 3)),
    "stale lines": lambda here: here.live.act(lambda s: s.faults.arm("stale", 3)),
}


QUICK = ("cable out and in", "restart")


@pytest.mark.parametrize(
    "fault",
    [fault if fault in QUICK else pytest.param(fault, marks=pytest.mark.slow) for fault in FAULTS],
)
def test_it_comes_back_and_nothing_is_lost(started, fault, monkeypatch):
    monkeypatch.setattr("hil.card.sensors._REQUEST_TIMEOUT_S", 0.5)
    monkeypatch.setattr("hil.uplink.web.POST_S", 1)
    monkeypatch.setattr("hil.uplink.web._MARGIN_S", 0.2)

    async def story():
        async with started() as badge:
            await badge.press(do="assign", worker_id="W-007")
            await badge.until(lambda: badge.events("gps"))
            FAULTS[fault](badge.bench)
            badge.bench.live.woken()
            before = len(badge.events("gps"))
            await badge.until(lambda: len(badge.events("gps")) > before + 1)
            await badge.press(do="unassign")
            await badge.until(lambda: badge.events("shift_end"))
            numbers = [one["sequence_number"] for one in badge.events()]
            assert numbers == list(range(1, len(numbers) + 1))

    play(story())


def test_no_time_no_fix_and_a_registration_that_takes_long(started):
    async def story():
        timing = Timing(registration_s=2.5, session_s=0.01, sync_s=0.01, gnss_s=60, boot_s=0.1)
        async with started(parts={"timing": timing}, warp=1.0) as badge:
            await badge.press(do="assign", worker_id="W-007")
            assert badge.events() == []
            await badge.until(lambda: badge.events("gps_no_fix"))
            first = badge.events("reboot")[0]
            age_s = (
                time.time()
                - time.mktime(time.strptime(first["timestamp_utc"], "%Y-%m-%dT%H:%M:%SZ"))
                + time.timezone
            )
            assert 2 < age_s < 300, "stamped with the time at which it was, not when it was learnt"

    play(story())


def test_a_dead_bluetoothd_does_not_stop_the_badge(started, monkeypatch):
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus")

    async def story():
        async with started(scanner="bleak:hci0") as badge:
            await badge.press(do="assign", worker_id="W-007")
            await badge.until(lambda: badge.events("gps"))
            assert badge.events("ble_proximity") == []

    play(story())


def test_a_full_disk_ends_the_recording_and_not_the_badge(started, tmp_path, capfd):
    full = tmp_path / "full.ndjson"
    full.symlink_to("/dev/full")

    async def story():
        config = CONFIG.model_copy(update={"worker_ids": [f"W-{n:03}" for n in range(200)] * 1})
        async with started(record=full, config=config) as badge:
            await badge.press(do="assign", worker_id="W-007")
            await badge.until(lambda: len(badge.events("gps")) > 4)

    play(story())
    assert "No space left on device" in capfd.readouterr().err


def test_a_cut_then_the_same_command_goes_on(started, tmp_path):
    async def story():
        async with started() as badge:
            await badge.press(do="assign", worker_id="W-007")
            await badge.until(lambda: badge.events("gps"))
        assert not socket_path(tmp_path / "badge.flash").exists()
        async with started() as badge:
            await badge.until(lambda: badge.events("shift_end"))
            end = badge.events("shift_end")[-1]
            assert end["payload"]["end_reason"] == "reboot"
            numbers = [one["sequence_number"] for one in badge.events()]
            assert numbers == sorted(set(numbers))

    play(story())


def test_the_buttons_answer_in_words(started):
    async def story():
        config = CONFIG.model_copy(update={"worker_ids": ["W-007"]})
        async with started(config=config) as badge:
            cli = CliRunner()
            flash = ["--flash", str(badge.options.flash)]

            def call(command, *words):
                return asyncio.to_thread(cli.invoke, command, [*words, *flash])

            assert "not in the configuration" in str((await call(assign, "W-008")).exception)
            assert (await call(assign, "W-007", "--by", "F-1")).output.endswith("has begun\n")
            assert "open already" in str((await call(assign, "W-007")).exception)
            assert (await call(unassign)).output == "the shift of W-007 has ended\n"
            for odd in ({"do": "dance"}, {"do": "assign", "worker_id": ""}):
                with pytest.raises(InputError, match="is expected"):
                    await badge.press(**odd)
            assert os.stat(socket_path(badge.options.flash)).st_mode & 0o777 == 0o600

    play(story())


def test_two_badges_do_not_share_a_flash_file(started):
    async def story():
        async with started() as badge:
            with pytest.raises(InputError, match="in use by another process"):
                await drive(badge.options)

    play(story())


def test_it_ends_by_itself_and_says_what_waits(bench, tmp_path):
    here = bench()
    config = tmp_path / "device_config.json"
    config.write_text(json.dumps({"device_id": "ACT-3F8A21B4"}))
    result = CliRunner().invoke(
        run,
        ["--notecard", here.spec, "--config", str(config), "--flash", str(tmp_path / "f.flash"),
         "--assign-now", "--duration", "1"],
    )  # fmt: skip
    assert result.exit_code == 0, result.exception
    assert "events wait in" in result.stderr
    assert "the shift of W-007 is open" in result.stderr


@pytest.mark.slow
def test_the_collector_does_not_walk_what_was_there_from_the_start(started, monkeypatch):
    frozen = []

    async def story():
        async with started() as badge:
            await badge.until(lambda: badge.events("reboot"))
            frozen.append(gc.get_freeze_count())

    monkeypatch.setattr(processes, "_left_alone", [])
    gc.unfreeze()  # what conftest.py took out
    play(story())
    assert frozen[0] > 10_000
    assert gc.get_freeze_count() == 0, "and no more once it has ended"
    gc.freeze()
