"""A "device": the reference badge in a process of its own, with a test console and a Notecard.

    python device.py --notecard PORT --console PORT --state FOLDER [--bug NAME]

Your firmware stands here.  It shows what a device needs for `device_under_test.feed`: a console on
which each line of a recording happens to it, at the moment that the line says, and is answered
with `ok`.  Everything that it logs leaves through its Notecard.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from pathlib import Path

from bugs import BUGS, Bug

from badge import Badge
from badge.config import read_config
from badge.effects import Effect, Erase, Logged, Program, Upload
from badge.errors import BadgeError
from badge.host.flash_file import FlashFile
from badge.inputs import Boot, Input, Tick, UploadAnswer, UtcLearned
from badge.recording.format import Happened, read_document, read_header
from badge.storage.journal import FlashJournal
from hil.card.open import open_notecard
from hil.card.thread import CardThread
from hil.uplink.web import WebUplink


class Device:
    """A badge whose time is the console's: each line says when it happens."""

    def __init__(self, header: dict, flash: FlashFile, uplink: WebUplink, bug: Bug) -> None:
        start = read_header(bug.header(header), "console")
        self.flash, self.uplink, self.bug = flash, uplink, bug
        store = FlashJournal(flash, flash.geometry)
        self.badge = Badge(start.config, store, start.firmware_version)

    async def happen(self, line: Happened) -> None:
        """Let deadlines fire up to the line's moment, then let it happen."""
        while (due_ms := self.badge.next_deadline_ms) is not None and due_ms < line.ms:
            await self.give(Tick(), due_ms)
        await self.give(line.what, line.ms)

    async def give(self, what: Input, now_ms: int) -> None:
        """Give an input and perform what the badge wants."""
        for effect in self.badge.receive(what, now_ms):
            await self.perform(effect, now_ms)

    async def perform(self, effect: Effect, now_ms: int) -> None:
        """Flash first; a batch leaves through the Notecard and is answered at once."""
        if isinstance(effect, Program | Erase):
            self.flash.perform(effect)
        elif isinstance(effect, Logged):
            self.flash.sync()
        elif isinstance(effect, Upload):
            answer = await self.uplink.send(self.bug.upload(effect))
            await self.give(answer, now_ms)


async def serve(options: argparse.Namespace) -> None:
    """Answer the console until the power goes."""
    card = CardThread(open_notecard(f"serial:{options.notecard}"))
    await card.ask("hub.set", {"product": "com.example:badge", "mode": "continuous"})
    while not (await card.ask("hub.status")).get("connected"):
        await asyncio.sleep(0.05)
    device: Device | None = None
    with (
        FlashFile(Path(options.state, "badge.flash")) as flash,
        open(options.console, "r+b", buffering=0) as console,
    ):
        lines = asyncio.to_thread
        while raw := await lines(console.readline):
            document = json.loads(raw)
            try:
                if "provision" in document:
                    console.write(provisioned(document["provision"], flash))
                    continue
                if device is None or "format" in document:
                    device = Device(document, flash, WebUplink(card), BUGS[options.bug])
                else:
                    line = read_document(document, "console")
                    # The console tells what the world does; the backend answers for itself.
                    if not isinstance(line.what, UploadAnswer):
                        await device.happen(line)
                console.write(b"ok\n")
            except BadgeError as error:
                console.write(f"error: {error}\n".encode())


def provisioned(document: object, flash: FlashFile) -> bytes:
    """Take a configuration and boot with it: the other side of `badge provision`."""
    try:
        badge = Badge(read_config(document), FlashJournal(flash, flash.geometry))
    except BadgeError as error:
        return json.dumps({"ok": False, "error": str(error)}).encode() + b"\n"
    lines = [{"ok": True}]
    effects = [*badge.receive(Boot(), 0), *badge.receive(UtcLearned(time.time_ns() // 10**6), 1)]
    for effect in effects:
        if isinstance(effect, Program | Erase):
            flash.perform(effect)
        elif isinstance(effect, Logged):
            lines.append(effect.entry.event(badge.config.device_id))
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def main() -> None:
    """Read the command line and be a device."""
    parser = argparse.ArgumentParser(description="A badge with a test console.")
    parser.add_argument("--notecard", required=True)
    parser.add_argument("--console", required=True)
    parser.add_argument("--state", required=True)
    parser.add_argument("--bug", choices=sorted(BUGS), default="none")
    options = parser.parse_args()
    spare_no_buffer()
    asyncio.run(serve(options))


def spare_no_buffer() -> None:
    """note-python pauses 250 ms for the real card's buffer; the bench's card has no such limit."""
    from notecard import notecard

    notecard.CARD_REQUEST_SEGMENT_DELAY_MS = 1
    notecard.CARD_RESET_DRAIN_MS = 50


if __name__ == "__main__":
    sys.exit(main())
