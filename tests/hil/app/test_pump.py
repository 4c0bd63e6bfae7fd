"""The pump: by a clock in the hand, what it may not do, and whole shifts on the virtual card."""

from __future__ import annotations

import asyncio
import heapq

import pytest

from badge.badge import Badge
from badge.config import BadgeConfig
from badge.effects import Program
from badge.errors import InputError
from badge.host.flash_file import FlashFile
from badge.inputs import Assign, Battery, Boot, GpsFix, Unassign, UploadAnswer, UtcLearned
from badge.storage.journal import FlashJournal
from hil.app.pump import AsyncPump

CONFIG = BadgeConfig(device_id="ACT-3F8A21B4", known_equipment_tags=["AA:BB:CC:DD:EE:01"])
TAG = "AA:BB:CC:DD:EE:01"


class HandClock:
    """Time that passes when everybody waits."""

    def __init__(self):
        self.now_ns = 0
        self._heap, self._id = [], 0

    def monotonic_ns(self):
        return self.now_ns

    async def sleep(self, delay_s):
        self._id += 1
        done = asyncio.get_running_loop().create_future()
        heapq.heappush(self._heap, (self.now_ns + round(delay_s * 1e9), self._id, done))
        await done

    async def pass_(self, seconds):
        until_ns = self.now_ns + round(seconds * 1e9)
        await self._settle()
        while self._heap and self._heap[0][0] <= until_ns:
            self.now_ns, _, done = heapq.heappop(self._heap)
            if not done.done():
                done.set_result(None)
                await self._settle()
        self.now_ns = until_ns

    async def _settle(self):
        for _ in range(12):
            await asyncio.sleep(0)


class Around:
    """Sensors, tags, uplink and flash in one: answers at once, remembers the order of things."""

    trouble = None

    def __init__(self, clock):
        self.clock, self.story, self.status = clock, [], 202
        self.position = GpsFix(52.5, 13.4, hdop=1.0)
        self.heard = ((TAG, -50),)

    async def watch(self, give):
        give(UtcLearned(1_773_477_135_000))
        await asyncio.Event().wait()

    async def power_gps(self, on):
        self.story.append(f"gps {on}")

    async def fix(self, timeout_s):
        return self.position

    async def power(self, on):
        self.story.append(f"scanner {on}")

    async def scan(self, duration_s):
        await self.clock.sleep(duration_s)
        return self.heard

    async def send(self, upload):
        self.story.append(f"upload {upload.first_sequence}-{upload.last_sequence}")
        return UploadAnswer(upload.request, self.status)

    def perform(self, effect):
        self.story.append("flash")
        return True

    def sync(self):
        self.story.append("sync")

    def happened(self, ms, what):
        self.story.append(f"in {type(what).__name__}")

    def logged(self, ms, entry):
        self.story.append(f"event {entry.event_type}")

    def noticed(self, ms, notice):
        self.story.append(notice.about)

    def events(self):
        return [line.removeprefix("event ") for line in self.story if line.startswith("event ")]


def play(story, tmp_path=None, config=CONFIG):
    """Run `story(pump, around, clock)` beside a running badge."""

    async def play_():
        clock = HandClock()
        around = Around(clock)
        with FlashFile(tmp_path / "badge.flash") as file:

            class Both:
                def perform(self, effect):
                    around.perform(effect)
                    return file.perform(effect)

                def sync(self):
                    around.sync()
                    file.sync()

            badge = Badge(config, FlashJournal(file, file.geometry))
            pump = AsyncPump(
                badge,
                sensors=around,
                scanner=around,
                uplink=around,
                flash=Both(),
                observers=[around],
                clock=clock,
            )
            running = asyncio.create_task(pump.run())
            await clock.pass_(0)
            try:
                await story(pump, around, clock)
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
            return around

    return asyncio.run(play_())


def test_a_shift_is_sensed_uploaded_and_ended(tmp_path):
    async def story(pump, around, clock):
        pump.receive(Assign("W-007"))
        await clock.pass_(61)
        pump.receive(Unassign())
        await clock.pass_(1)

    around = play(story, tmp_path)
    events = around.events()
    assert events[:2] == ["reboot", "shift_start"]
    assert events.count("gps") == 5
    assert events.count("ble_proximity") == 1
    assert "shift_end" in events
    assert [line for line in around.story if line.startswith(("gps", "scanner"))] == [
        "gps True",
        "scanner True",
        "gps False",
        "scanner False",
        "scanner False",
    ]


def test_everything_is_synced_before_it_leaves(tmp_path):
    async def story(pump, around, clock):
        pump.receive(Assign("W-007"))
        await clock.pass_(200)

    story_lines = play(story, tmp_path).story
    dirty = False
    for line in story_lines:
        if line == "flash":
            dirty = True
        elif line == "sync":
            dirty = False
        elif line.startswith(("event", "upload")):
            assert not dirty, line
    assert any(line.startswith("upload") for line in story_lines)


def test_a_scanner_that_is_down_gives_no_sample(tmp_path):
    async def story(pump, around, clock):
        around.heard = None
        pump.receive(Assign("W-007"))
        await clock.pass_(60)

    around = play(story, tmp_path)
    assert "in ScanResult" not in around.story
    assert "ble_proximity" not in around.events()


def test_no_fix_is_told_by_the_badge_itself(tmp_path):
    async def story(pump, around, clock):
        around.position = None
        pump.receive(Assign("W-007"))
        await clock.pass_(31)

    assert play(story, tmp_path).events().count("gps_no_fix") == 2


def test_an_empty_battery_ends_the_run(tmp_path):
    async def story(pump, around, clock):
        pump.receive(Battery(1, 3200))
        await clock.pass_(1)
        pump.receive(Assign("W-007"))

    around = play(story, tmp_path)
    assert around.events() == ["reboot", "low_battery", "low_battery"]
    assert "in Assign" not in around.story


def test_flash_that_cannot_be_written_stops_the_badge_before_it_tells(tmp_path):
    async def story():
        clock = HandClock()
        around = Around(clock)
        with FlashFile(tmp_path / "badge.flash") as file:

            class Full:
                def perform(self, effect):
                    if isinstance(effect, Program) and around.events():
                        raise OSError(28, "No space left on device")
                    return file.perform(effect)

                def sync(self):
                    file.sync()

            badge = Badge(CONFIG, FlashJournal(file, file.geometry))
            pump = AsyncPump(
                badge,
                sensors=around,
                scanner=around,
                uplink=around,
                flash=Full(),
                observers=[around],
                clock=clock,
            )
            running = asyncio.create_task(pump.run())
            await clock.pass_(1)
            pump.receive(Assign("W-007"))
            with pytest.raises(InputError, match=r"No space left on device.*must not leave"):
                await running
            return around

    assert asyncio.run(story()).events() == ["reboot"]


def test_a_second_run_goes_on_and_ends_the_open_shift(tmp_path):
    async def first(pump, around, clock):
        pump.receive(Assign("W-007"))
        await clock.pass_(20)

    async def second(pump, around, clock):
        await clock.pass_(1)

    events = play(first, tmp_path).events()
    assert events[:2] == ["reboot", "shift_start"]
    assert play(second, tmp_path).events() == ["reboot", "shift_end"]


def test_a_changed_configuration_is_in_force_at_once(tmp_path):
    async def story(pump, around, clock):
        assert pump.badge.config.gps_interval_s == 30

    async def nothing(pump, around, clock):
        await clock.pass_(0)

    play(nothing, tmp_path)
    play(story, tmp_path, config=CONFIG.model_copy(update={"gps_interval_s": 30}))


def test_nothing_is_taken_after_the_end(tmp_path):
    async def story(pump, around, clock):
        pump.stop()
        await clock.pass_(1)
        pump.receive(Boot())
        assert around.story.count("in Boot") == 1

    play(story, tmp_path)
