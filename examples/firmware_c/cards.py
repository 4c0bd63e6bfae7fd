"""A Notecard of the test's own, where the bench's is too well-behaved."""

from __future__ import annotations

import json
import threading
from base64 import b64decode
from hashlib import md5
from typing import Any
from zlib import crc32

from hil.dut.drivers.console import PtyConsole
from sim.notecard.codec.cobs import cobs_decode, cobs_encode


class OddCard(threading.Thread):
    """A Notecard whose binary store works, and whose answers to web.post a test makes up."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.port, self.held, self._awaits, self._ended = PtyConsole(), b"", False, False

    @property
    def path(self) -> str:
        """What the device opens."""
        return self.port.path

    def answer(self, request: dict[str, Any], batch: list[dict[str, Any]]) -> bytes:
        """Return the lines that answer a batch, without the last CR LF."""
        raise NotImplementedError

    def run(self) -> None:
        """Answer each line."""
        pending = b""
        while not self._ended:
            *lines, pending = (pending + self.port.read()).split(b"\n")
            for line in lines:
                if self._awaits:
                    self._awaits, self.held = False, cobs_decode(line) or b""
                else:
                    self.port.send(self._lines(line) + b"\r\n")

    def _lines(self, line: bytes) -> bytes:
        if not line:
            return b""
        request = json.loads(line)
        name = request["req"]
        self._awaits = name == "card.binary.put"
        if name == "web.post":
            body = self.held if request.get("binary") else b64decode(request["payload"])
            return self.answer(request, json.loads(body))
        held = {"length": len(self.held), "status": md5(self.held).hexdigest()}
        reply = signed({"connected": True, **held}, request)
        if name == "card.binary.get":
            return reply + b"\r\n" + cobs_encode(self.held)
        return reply

    def close(self) -> None:
        """End."""
        self._ended = True
        self.join()
        self.port.close()


def signed(members: dict[str, Any] | bytes, request: dict[str, Any]) -> bytes:
    """Return a reply with the CRC that the request asks for."""
    text = members if isinstance(members, bytes) else compact(members)
    sequence = request["crc"].partition(":")[0].encode()
    lead = b"{ " if text == b"{}" else text[:-1] + b","
    return lead + b'"crc":"%b:%08X"}' % (sequence, crc32(text))


def compact(members: dict[str, Any]) -> bytes:
    """Return JSON as a card writes it."""
    return json.dumps(members, separators=(",", ":")).encode()
