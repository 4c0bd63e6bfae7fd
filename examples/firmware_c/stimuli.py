"""Recordings for the bench: what happens to the device, and when."""

from __future__ import annotations

from pathlib import Path

from badge import Badge, BadgeConfig
from badge.effects import Effect, Upload
from badge.host.recording_file import RecordingWriter
from badge.inputs import (
    Assign,
    Battery,
    Boot,
    Cellular,
    FirmwareOffer,
    Input,
    Tick,
    UploadAnswer,
    UtcLearned,
)
from badge.recording.format import Header

CONFIG = BadgeConfig(device_id="ACT-3F8A21B4", upload_interval_s=300)
MORNING_UTC_MS, EVENING_UTC_MS = 1_773_477_135_000, 1_773_520_000_000
NEW_VERSION = "1.5.0"
OFFER_MS = 120_000
TRIAL_MS = (CONFIG.ota_confirm_s + 50) * 1000  # and no window of uploads falls into its end


def write(path: Path, *happened: tuple[int, Input]) -> Path:
    """Write a recording of a badge that runs 1.4.2, and whose every batch is taken at once."""
    badge = Badge(CONFIG, firmware_version="1.4.2")
    with RecordingWriter(path, Header(CONFIG, "1.4.2")) as writer:
        for ms, what in happened:
            while (due_ms := badge.next_deadline_ms) is not None and due_ms < ms:
                answer(writer, badge, due_ms, badge.receive(Tick(), due_ms))
            writer.happened(ms, what)
            answer(writer, badge, ms, badge.receive(what, ms))
    return path


def answer(writer: RecordingWriter, badge: Badge, ms: int, effects: list[Effect]) -> None:
    """Take what the badge sends."""
    for effect in effects:
        if isinstance(effect, Upload):
            taken = UploadAnswer(effect.request, 202)
            writer.happened(ms, taken)
            answer(writer, badge, ms, badge.receive(taken, ms))


def evening(path: Path) -> Path:
    """The power comes back, and the battery is low: whatever waits is sent."""
    return write(
        path,
        (0, Boot()),
        (1_000, UtcLearned(EVENING_UTC_MS)),
        (2_000, Battery(8, 3600)),
        (400_000, Tick()),
    )


def update(path: Path) -> Path:
    """A shift, and new firmware in the middle of it; after its trial the battery is low."""
    boot_ms = OFFER_MS + 2_000
    return write(
        path,
        (0, Boot()),
        (1_000, UtcLearned(MORNING_UTC_MS)),
        (2_000, Cellular(True)),
        (10_000, Assign("W-007")),
        (OFFER_MS, FirmwareOffer(NEW_VERSION)),
        (boot_ms, Boot("firmware_update")),
        (boot_ms + 1_000, UtcLearned(MORNING_UTC_MS + boot_ms)),
        (boot_ms + TRIAL_MS - 10_000, Tick()),
        (boot_ms + TRIAL_MS, Boot("firmware_update")),
        (boot_ms + TRIAL_MS + 1_000, UtcLearned(MORNING_UTC_MS + boot_ms + TRIAL_MS)),
        (boot_ms + TRIAL_MS + 2_000, Battery(9, 3640)),
        (boot_ms + TRIAL_MS + 400_000, Tick()),
    )
