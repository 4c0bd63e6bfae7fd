"""One note per event in a templated `data.qo`, then a sync: Notehub has it, nobody knows more."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic_core import from_json, to_json

from badge.effects import Upload
from badge.inputs import UploadAnswer
from hil.card.errors import CardError, CardRefusedError
from hil.card.thread import Card
from hil.clock import Clock, SystemClock

FILE = "data.qo"
SYNC_POLL_S = 2.0  # a sync takes half a minute: no need to keep the card busy answering
SYNC_TIMEOUT_S = 110.0  # below the badge's answer_timeout_s, which would count it as no answer

# Notehub leaves 0, false and "" out of a templated body.  The envelope has none of these; the
# payload may (`"events_in_queue":0`), so it travels as JSON text, which the route opens again.
TEMPLATE: dict[str, object] = {
    "device_id": "12",
    "firmware_version": "24",
    "event_type": "16",
    "timestamp_utc": "32",
    "sequence_number": 18,
    "payload": "0",
}
JSONATA = '$merge([body, {"payload": $eval(body.payload)}])'
PLAIN_WORDS = (
    "uplink note: an event counts as delivered when Notehub has it; whether the ingest took it, "
    "this badge cannot know"
)


def note_of(event: Mapping[str, object]) -> dict[str, object]:
    """Return the body of an event's note."""
    return {**event, "payload": to_json(event["payload"]).decode()}


class NoteUplink:
    """Acknowledges a batch (202) when the card has synced all its notes.

    A batch that comes again, because the sync took longer than the badge waits, is not added
    again: its notes are in the card already.
    """

    def __init__(self, card: Card, clock: Clock | None = None) -> None:
        self._card, self._clock = card, clock or SystemClock()
        self._added_through = 0
        self._templated = False
        self.trouble: str | None = None

    async def send(self, upload: Upload) -> UploadAnswer:
        """Add the notes, sync, and wait until none is pending; None if that takes too long."""
        try:
            await self._add(upload)
            await self._card.ask("hub.sync")
            synced = await self._wait()
        except CardError as error:
            self.trouble = str(error)
            return UploadAnswer(upload.request, None)
        self.trouble = None if synced else "the card has not synced yet; its notes wait in it"
        return UploadAnswer(upload.request, 202 if synced else None)

    async def _add(self, upload: Upload) -> None:
        if not self._templated:
            await self._card.ask("note.template", {"file": FILE, "body": TEMPLATE})
            self._templated = True
        held = await self._held()
        for event in from_json(upload.body):
            if event["sequence_number"] > self._added_through:
                await self._add_one(event, held)
                self._added_through = event["sequence_number"]
                held += 1

    async def _add_one(self, event: Mapping[str, object], held: int) -> None:
        """Add one note to the `held` ones; not twice, even if its answer is lost.

        A note whose answer was lost is looked for in the file's count.  If that tells nothing,
        the batch comes again later, and the ingest drops the second of two equal numbers.
        """
        try:
            await self._card.ask("note.add", {"file": FILE, "body": note_of(event)}, once=True)
        except CardRefusedError:
            raise
        except CardError:
            if await self._held() <= held:
                raise

    async def _held(self) -> int:
        try:
            return (await self._card.ask("file.stats", {"file": FILE})).whole("total") or 0
        except CardRefusedError as error:
            if "noexist" in error.err:  # no note yet, so no file
                return 0
            raise

    async def _wait(self) -> bool:
        begun_ns = self._clock.monotonic_ns()
        while (self._clock.monotonic_ns() - begun_ns) / 1e9 < SYNC_TIMEOUT_S:
            pending = await self._card.ask("file.changes.pending", {"files": [FILE]})
            if not pending.get("pending"):
                return True
            await self._clock.sleep(SYNC_POLL_S)
        return False
