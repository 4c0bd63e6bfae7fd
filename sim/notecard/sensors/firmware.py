"""Host firmware on its way from Notehub through the card to the host (dfu.*)."""

from __future__ import annotations

from base64 import b64decode, b64encode
from hashlib import md5
from typing import Any

from sim.notecard.codec.arguments import RequestError
from sim.notecard.codec.levels import by_level
from sim.notecard.model.services import Services
from sim.notecard.storage.state import HostImage

DOWNLOAD_BYTES_PER_S = 20_000  # the order of magnitude of LTE Cat-1 with Notehub's own pauses
PUT_BYTES = 8192  # of one dfu.put without the binary store


class HostFirmware:
    """Takes what Notehub offers, or a host puts, and keeps it until the host has done with it."""

    def __init__(self, card: Services) -> None:
        self._card = card
        self._begun_ms = card.clock.now_ms
        self._put = bytearray()
        self._image: bytes | None = None
        self._off_until_ms = 0

    @property
    def kept(self) -> HostImage:
        """The image in flash."""
        return self._card.state.firmware

    @property
    def image(self) -> bytes:
        """The bytes of a complete image."""
        if self._image is None:
            self._image = b64decode(self.kept.data)
        return self._image

    @property
    def allowed(self) -> bool:
        """Whether downloads may happen: not switched off, not by this voltage."""
        kept = self._card.state.family("dfu")
        by_voltage = by_level(str(kept.get("vvalue", "1")), self._card.level)
        return not kept.get("off") and by_voltage != 0

    @property
    def outboard(self) -> bool:
        """Whether the card would flash the host by itself (card.dfu)."""
        kept = self._card.state.family("odfu")
        return bool(kept.get("name")) and not kept.get("off") and not self.paused

    @property
    def paused(self) -> bool:
        """Whether card.dfu is off for some seconds."""
        return self._card.clock.now_ms < self._off_until_ms

    def pause(self, seconds: int) -> None:
        """card.dfu off:true with `seconds`."""
        self._off_until_ms = self._card.clock.now_ms + 1000 * seconds

    @property
    def running(self) -> bool:
        """Whether a download is under way."""
        return self.kept.mode == "downloading"

    def offer(self, body: dict[str, Any], data: str) -> None:
        """Notehub has firmware for the host; another image than the one held is fetched."""
        if not self.allowed or self.kept.body.get("md5") == body.get("md5"):
            return
        self._card.state.firmware = HostImage(dict(body), data, "downloading")
        self._image, self._begun_ms = None, self._card.clock.now_ms
        self._settle()

    def _settle(self) -> None:
        length = max(1, int(self.kept.body.get("length", 0)))
        done_ms = self._card.clock.now_ms - self._begun_ms
        share = done_ms * DOWNLOAD_BYTES_PER_S // 1000 * 100 // length
        self.kept.status = f"downloading: {min(share, 99)}% complete"
        self._card.touch()

    def advance(self) -> None:
        """The download may be complete."""
        self._settle()
        due_ms = self.deadline_ms()
        if due_ms is not None and self._card.clock.now_ms >= due_ms:
            self._complete()

    def _complete(self) -> None:
        if md5(self.image, usedforsecurity=False).hexdigest() != self.kept.body.get("md5"):
            self.kept.mode, self.kept.status = "error", "download failed: checksum mismatch"
        else:
            self.kept.mode = "outboard-ready" if self.outboard else "ready"
            self.kept.status = "successfully downloaded"
        self._card.watch("note", f"host firmware: {self.kept.status}")
        self._card.touch()

    def status(self) -> dict[str, Any]:
        """The members of dfu.status."""
        kept = self.kept
        if self.running:
            self._settle()
        mode = kept.mode
        if mode in ("ready", "outboard-ready"):
            mode = "outboard-ready" if self.outboard else "ready"
        words = kept.status or "no download in progress"
        shown: dict[str, Any] = {"mode": mode, "status": words, "on": self.allowed}
        if not self.allowed:
            shown["off"] = True
        if self.running:
            shown["pending"] = True
        return shown | ({"body": kept.body} if kept.body and mode != "idle" else {})

    def stop(self, error: str, words: str) -> None:
        """The host has done with it, or gives up with an error; the image goes."""
        mode = "error" if error else "completed" if self.kept.mode != "idle" else "idle"
        text = error or words
        self._card.state.firmware = HostImage(mode=mode, status=text)
        self._image = None
        if text:
            self._card.log_note("_health_host.qo", {"text": f"dfu: {text}", "alert": bool(error)})
        self._card.touch()

    def slice(self, offset: int, length: int) -> bytes:
        """The bytes that dfu.get asks for; RequestError while there are none to have."""
        if self.kept.mode not in ("ready", "outboard-ready"):
            raise RequestError("no firmware is ready {dfu-not-ready}")
        if offset < 0 or length < 0 or offset + length > len(self.image):
            raise RequestError(f"dfu: {offset}+{length} is beyond {len(self.image)} bytes")
        return self.image[offset : offset + length]

    def begin_put(self, body: dict[str, Any]) -> None:
        """A host side-loads an image: first its description."""
        if self.running:
            raise RequestError("firmware update is in progress {dfu-in-progress}")
        length = body.get("length")
        if not isinstance(length, int) or not 0 < length <= 16 << 20:
            raise RequestError("body.length: the image's length in bytes is required")
        self._put.clear()
        self._card.state.firmware = HostImage(dict(body), mode="downloading")
        self._image, self._begun_ms = None, self._card.clock.now_ms

    def put(self, offset: int, data: bytes, digest: str) -> None:
        """One piece; RequestError with {io} for one that was damaged, which is sent again."""
        if digest and digest.lower() != md5(data, usedforsecurity=False).hexdigest():
            raise RequestError("payload does not match its MD5 {dfu-int-chunk} {io}")
        if offset != len(self._put) or not self.running:
            raise RequestError(f"offset {offset} is not {len(self._put)} {{dfu-not-ready}}")
        self._put += data
        if len(self._put) >= int(self.kept.body["length"]):
            self._image = bytes(self._put)
            self.kept.data = b64encode(self._put).decode()
            self._put.clear()
            self._complete()
        self._card.touch()

    def deadline_ms(self) -> int | None:
        """When a download from Notehub is complete."""
        if not self.running or not self.kept.data:
            return None
        length = int(self.kept.body.get("length", 0))
        return self._begun_ms + length * 1000 // DOWNLOAD_BYTES_PER_S
