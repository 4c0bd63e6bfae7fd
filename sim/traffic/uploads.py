"""What badges sent, or would have sent: uploads of a recording, and those that events need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from badge.config import BadgeConfig
from badge.effects import Logged, Upload
from badge.entry import Entry
from badge.errors import InputError
from badge.host.recording_file import RecordingFile
from badge.inputs import UploadAnswer, UtcLearned
from badge.machines.core import Core, Due
from badge.machines.upload import Uploads
from badge.recording.format import Happened, Wrote
from badge.recording.playback import lived
from badge.storage.memory import MemoryStore

Sent = tuple[int, bytes]  # Unix ms, and the body


def sent_in_recording(file: RecordingFile) -> tuple[list[Sent], bool]:
    """Give every upload that was answered, and whether the badge still logs what it logged then.

    A recording in which nothing was ever answered has no traffic: it is made of its events, as if
    the network had been there.
    """
    wanted: list[dict[str, Any]] = []
    logged: list[dict[str, Any]] = []
    uploads: dict[int, tuple[int, Upload]] = {}
    sent: list[Sent] = []
    offset_ms = 0
    config = file.header.config
    for ms, what, effects in lived(file.header, _lines(file, wanted), str(file.path)):
        if isinstance(what, UtcLearned):
            offset_ms = what.unix_ms - ms
        for effect in effects:
            if type(effect) is Upload:
                uploads[effect.request] = (ms + offset_ms, effect)
            elif type(effect) is Logged:
                logged.append(effect.entry.event(config.device_id))
        # Behind the effects: a window may open in the very millisecond of its upload's answer.
        if isinstance(what, UploadAnswer) and what.status is not None and what.request in uploads:
            then_ms, upload = uploads.pop(what.request)
            sent.append((then_ms, upload.body))
    if not sent:
        sent = list(sent_for_events(logged, config, str(file.path)))
    return sent, wanted == logged


def _lines(file: RecordingFile, wanted: list[dict[str, Any]]) -> Iterator[Happened | Wrote]:
    for line in file:
        if isinstance(line, Wrote):
            wanted.append(dict(line.event))
        yield line


def sent_for_events(
    events: Iterable[dict[str, Any]], config: BadgeConfig, place: str
) -> Iterator[Sent]:
    """Give the uploads of one device's events, in the order of their numbers.

    The badge's own upload machine decides: a window after each boot, one every
    `upload_interval_s`, one at the end of each shift, until the queue is empty; all is answered.
    """
    core = Core(config, MemoryStore())
    core.unix_offset_ms = 0
    core.configure()
    core.store.queue.queue_max = 1 << 62  # nobody was there to drop anything
    now_ms, uploads = 0, None
    for event in events:
        now_ms = max(_unix_ms(event, place), now_ms)
        if uploads is not None:
            yield from _windows(core, uploads, now_ms, config)
        if uploads is None or event.get("event_type") == "reboot":
            core.now_ms = now_ms
            uploads = Uploads(core, _nothing, _nothing)
        core.now_ms = now_ms
        _keep(core, event, now_ms, place)
        if event.get("event_type") == "shift_end":
            uploads.final_attempt()
            yield from _drained(core, uploads)
    if uploads is not None:
        yield from _windows(core, uploads, core.due[Due.WINDOW] + 1, config)


def _windows(core: Core, uploads: Uploads, until_ms: int, config: BadgeConfig) -> Iterator[Sent]:
    """Open the windows up to a moment; a silence without an event has no traffic."""
    while core.store.queue.entries and core.due[Due.WINDOW] < until_ms:
        core.now_ms = core.due[Due.WINDOW]
        core.logged_since_window = True  # heartbeats are among the events already
        uploads.window()
        yield from _drained(core, uploads)
    interval_ms = config.upload_interval_s * 1000
    behind_ms = until_ms - core.due[Due.WINDOW]
    if behind_ms > 0:
        core.due[Due.WINDOW] += -(-behind_ms // interval_ms) * interval_ms


def _drained(core: Core, uploads: Uploads) -> Iterator[Sent]:
    while core.effects:
        effects, core.effects = core.effects, []
        for effect in effects:
            if type(effect) is Upload:
                yield core.now_ms, effect.body
                uploads.answer(UploadAnswer(effect.request, 202))


def _keep(core: Core, event: dict[str, Any], now_ms: int, place: str) -> None:
    number, queue = event["sequence_number"], core.store.queue
    if number < queue.next_sequence:
        raise InputError(f"{place}: sequence_number {number} is there twice")
    if not queue.entries:
        queue.floor = number - 1
    entry = Entry(
        number,
        event["event_type"],
        event["payload"],
        event["firmware_version"],
        now_ms,
        _unix_ms(event, place),
    )
    core.effects += core.store.append(entry, core.state)


def _unix_ms(event: dict[str, Any], place: str) -> int:
    try:
        return round(datetime.fromisoformat(event["timestamp_utc"]).timestamp() * 1000)
    except (KeyError, TypeError, ValueError):
        number = event.get("sequence_number")
        raise InputError(f"{place}: event {number}: timestamp_utc is no moment") from None


def _nothing() -> None:
    """Nobody waits for it."""
