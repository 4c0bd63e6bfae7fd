"""A badge on wires is put together, and let go of in the right order."""

from __future__ import annotations

import asyncio

import pytest

from badge import BadgeConfig
from badge.errors import InputError
from badge.host.recording_file import RecordingFile
from badge.inputs import Assign, Unassign, UploadAnswer, UtcLearned
from hil.app.assembly import assembled, scanner_of
from hil.app.options import RunOptions
from hil.ble.scanner import NoScanner, Scanner
from hil.clock import SystemClock

CONFIG = BadgeConfig(device_id="ACT-3F8A21B4")


def options(tmp_path, **changes):
    return RunOptions("serial:/none", "none", CONFIG, tmp_path / "badge.flash", **changes)


def test_parts_are_there_and_nothing_was_asked_of_the_card(tmp_path):
    async def story():
        around = []
        kept = options(tmp_path, product="com.example:badge", uplink="note")
        async with assembled(
            kept, SystemClock(), print, around=lambda uplink: around.append(uplink) or uplink
        ) as parts:
            assert parts.card.openings == 0
            assert parts.uplink is around[0]
            mode = {"product": "com.example:badge", "mode": "periodic"}
            assert parts.sensors.settings == (("hub.set", mode),)

    asyncio.run(story())


def test_a_flash_file_that_is_in_use_is_the_first_to_be_noticed(tmp_path):
    async def story():
        async with assembled(options(tmp_path), SystemClock(), print):
            second = options(tmp_path, record=tmp_path / "r.ndjson")
            with pytest.raises(InputError, match="in use by another process"):
                async with assembled(second, SystemClock(), print):
                    raise AssertionError
        assert not (tmp_path / "r.ndjson").exists()

    asyncio.run(story())


def test_a_recording_of_before_is_kept(tmp_path):
    said, name = [], tmp_path / "monday.ndjson"

    async def start():
        async with assembled(options(tmp_path, record=name), SystemClock(), said.append):
            pass

    for _ in range(3):
        asyncio.run(start())
    names = sorted(path.name for path in tmp_path.glob("*.ndjson"))
    assert names == ["monday-2.ndjson", "monday-3.ndjson", "monday.ndjson"]
    assert len(said) == 2
    assert said[1].endswith("monday-3.ndjson")
    for path in names:
        with RecordingFile(tmp_path / path) as file:
            assert file.header.config == CONFIG


def test_a_line_is_in_the_file_when_its_effect_is_seen(tmp_path):
    path = tmp_path / "monday.ndjson"

    async def story():
        seen = []

        class Witnessed:
            """Looks into the file whenever an event is told to the badge's observers."""

            trouble = None

            async def send(self, upload):
                seen.append(path.read_bytes())
                pump.stop()
                return UploadAnswer(upload.request, 202)

        kept = options(tmp_path, record=path)
        async with assembled(kept, SystemClock(), print, around=lambda _: Witnessed()) as parts:
            pump = parts.pump
            running = asyncio.create_task(pump.run())
            await asyncio.sleep(0)
            pump.receive(UtcLearned(1_773_477_135_000))
            pump.receive(Assign("W-007"))
            pump.receive(Unassign())  # and a final upload
            await running
        assert seen[0].count(b'"out":') == 3
        assert seen[0].endswith(b"\n")

    asyncio.run(story())


def test_a_scanner_is_what_was_asked_for(tmp_path):
    assert isinstance(scanner_of(options(tmp_path), SystemClock()), NoScanner)
    bleak = RunOptions("serial:/none", "bleak", CONFIG, tmp_path / "f")
    assert isinstance(scanner_of(bleak, SystemClock()), Scanner)
    wrong = RunOptions("serial:/none", "wifi", CONFIG, tmp_path / "f")
    with pytest.raises(InputError, match="write bleak"):
        scanner_of(wrong, SystemClock())
