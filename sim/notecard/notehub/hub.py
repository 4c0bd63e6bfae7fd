"""The virtual Notehub: one project of many devices; events out over routes, notes in.

A pure machine: `take` hands out HTTP requests, `answered` takes what came back.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from hashlib import md5
from typing import Any
from zlib import crc32

from sim.notecard.codec.arguments import RequestError
from sim.notecard.model.exchange import (
    ImageOffer,
    Inbound,
    SyncDownload,
    SyncUpload,
    WebCall,
    WebReply,
)
from sim.notecard.model.outputs import Fetch, Fetched, Traced
from sim.notecard.notehub.delivery import Deliveries, DeliveryCounts
from sim.notecard.notehub.device import DATABASE, HubDevice, SessionRecord
from sim.notecard.notehub.envelope import event_of, session_event, session_uid
from sim.notecard.notehub.project import APP, Project
from sim.notecard.notehub.proxies import Proxies
from sim.notecard.notehub.routes import EventRoute, Proxy
from sim.notecard.storage.notefiles import Note

HEALTH_FILES = ("_health.qo", "_health_host.qo")
HEALTH_KEPT = 1000
FIRMWARE_BYTES_MAX = 16 << 20


class Hub:
    """Set `now_ms` (the pump's clock) before each call; `epoch_ms` is UTC at its zero."""

    def __init__(
        self,
        routes: Sequence[EventRoute] = (),
        proxies: Mapping[str, Proxy] | None = None,
        app: str = APP,
    ) -> None:
        self.now_ms = self.epoch_ms = 0
        self.default = ""  # the device that is meant where none is named
        self.project = Project(app)
        self._outbox: list[Fetch | Traced] = []
        self._fetch_count = 0
        self.deliveries = Deliveries(routes, self._fetch, self._seen)
        self.proxies = Proxies(proxies or {}, self._fetch, self._seen)
        self.firmware: dict[str, ImageOffer] = {}

    @property
    def routes(self) -> tuple[EventRoute, ...]:
        """Where events go."""
        return self.deliveries.routes

    @property
    def counts(self) -> DeliveryCounts:
        """What became of the deliveries."""
        return self.deliveries.counts

    @property
    def events(self) -> Sequence[dict[str, Any]]:
        """The events, oldest first."""
        return self.project.events

    # The cards' side.

    def exchange(self, upload: SyncUpload) -> SyncDownload:
        """Turn the notes into events, route them, and hand over what waits for the card."""
        device = self._known(upload)
        number = upload.first
        if upload.opened:
            self._publish(device, session_event(upload, app=self.project.app))
        for file, note, templated in upload.notes:
            if file.endswith(DATABASE):
                device.keep(file, note)
            event = event_of(upload, file, note, templated, app=self.project.app, number=number)
            self._publish(device, event)
            number += 1
        return self._down(device, upload)

    def _known(self, upload: SyncUpload) -> HubDevice:
        device = self.project.device(upload.device, upload.received_ms)
        device.last, device.seen_ms = upload, upload.received_ms
        if upload.opened or not device.sessions:
            record = SessionRecord(session_uid(upload), upload.received_ms, upload)
            device.sessions.append(record)
            del device.sessions[:-500]
        for place in (upload.best, upload.tower, upload.triangulated):
            if place is not None:
                device.places[place.kind] = place
        if upload.best is not None:
            device.places["best"] = upload.best
        return device

    def _down(self, device: HubDevice, upload: SyncUpload) -> SyncDownload:
        if not upload.inbound:
            return SyncDownload()
        notes = device.take(upload.afresh)
        env = self.project.variables(device)
        told = None if env == (device.env_sent or {}) and not upload.afresh else env
        device.env_sent = env
        firmware = None if device.firmware_sent else device.firmware
        device.firmware_sent = True
        device.sessions[-1].notes_received += len(notes)
        return SyncDownload(notes, told, firmware)

    def waiting(self, device: str) -> bool:
        """See `Notehub`."""
        known = self.project.devices.get(device)
        if known is None:
            return False
        return known.waiting(self.project.variables(known))

    def take_signals(self, device: str) -> list[dict[str, Any]]:
        """See `Notehub`."""
        known = self.project.devices.get(device)
        if known is None or not known.signals:
            return []
        signals, known.signals = known.signals, []
        return signals

    def connected(self, device: str, online: bool) -> None:
        """See `Notehub`."""
        known = self.project.device(device, self.utc_ms) if online else None
        known = known or self.project.devices.get(device)
        if known is None:
            return
        if known.online and not online and known.sessions:
            known.sessions[-1].ended_ms = self.utc_ms
        known.online = online
        if not online:
            known.signals.clear()

    def forget(self, device: str) -> None:
        """See `Notehub`."""
        self.project.devices.pop(device, None)
        self._seen(f"device {device} deprovisioned")

    def web(self, device: str, call: WebCall, answered: Callable[[WebReply], None]) -> None:
        """See `Notehub`; fragments of one upload are put together before they go on."""
        self.proxies.call(device, call, answered)

    # The outside.

    def _asked(self, device: str) -> HubDevice:
        """A device by its UID, made if there is none yet; "" is the default one."""
        return self.project.device(device or self.default, self.utc_ms)

    @property
    def utc_ms(self) -> int:
        """The time of day."""
        return self.epoch_ms + self.now_ms

    def add_note(
        self,
        file: str,
        body: dict[str, Any] | None,
        payload: str = "",
        note_id: str = "",
        *,
        device: str = "",
        deleted: bool = False,
    ) -> None:
        """Queue a note for a card; RequestError if the file cannot go inbound."""
        known = self._asked(device)
        known.queue(Inbound(file, body, payload, note_id, deleted))
        if file.endswith(DATABASE):
            when_s = known.seen_ms // 1000
            known.keep(file, Note(note_id, body, payload, when_s, deleted=deleted))
        self._seen(f"inbound note for {file}")

    def set_env(self, variables: Mapping[str, str], *, device: str = "") -> None:
        """Set environment variables of a device; an empty text removes one."""
        known = self._asked(device)
        known.env = {k: v for k, v in (known.env | dict(variables)).items() if v}
        self._seen(f"environment: {', '.join(variables)}")

    def send_signal(self, body: dict[str, Any], *, device: str = "") -> bool:
        """Send a signal; False if the card is away, which then never hears it."""
        known = self._asked(device)
        if not known.online:
            return False
        known.signal(body)
        self._seen("signal sent")
        return True

    def add_firmware(self, filename: str, data: bytes, version: str, notes: str) -> ImageOffer:
        """Keep an image for hosts; RequestError if it is empty or too large."""
        if not 0 < len(data) <= FIRMWARE_BYTES_MAX:
            raise RequestError(f"{filename}: 1 to {FIRMWARE_BYTES_MAX} bytes expected")
        body = {
            "name": filename,
            "source": filename,
            "type": "firmware",
            "length": len(data),
            "md5": md5(data, usedforsecurity=False).hexdigest(),
            "crc32": crc32(data),
            "created": self.utc_ms // 1000,
            "notes": notes,
            "info": {"version": version} if version else {},
        }
        self.firmware[filename] = ImageOffer(body, b64encode(data).decode())
        return self.firmware[filename]

    def offer_firmware(self, filename: str, devices: Sequence[str]) -> None:
        """Let devices fetch an image at their next sync; "" as filename withdraws it."""
        if filename and filename not in self.firmware:
            raise RequestError(f"no firmware {filename!r} was uploaded")
        for uid in devices:
            known = self._asked(uid)
            known.firmware = self.firmware.get(filename)
            known.firmware_sent = known.firmware is None

    # Routing.

    def _publish(self, device: HubDevice, event: dict[str, Any]) -> None:
        if device.fleets:
            event = event | {"fleets": list(device.fleets)}
        self.project.add(event)
        device.sessions[-1].events += 1
        if event["file"] in HEALTH_FILES:
            body = event.get("body", {})
            entry = {"when": event.get("when", 0), "text": str(body.get("text", ""))}
            device.health.append(entry | {"alert": bool(body.get("alert"))})
            del device.health[:-HEALTH_KEPT]
        self.deliveries.publish(event, self.now_ms)

    def _fetch(
        self, method: str, url: str, body: bytes, headers: dict[str, str], timeout_s: float
    ) -> int:
        self._fetch_count += 1
        self._outbox.append(Fetch(self._fetch_count, method, url, body, timeout_s, headers))
        return self._fetch_count

    def answered(self, answer: Fetched) -> None:
        """Take the answer to one `Fetch`: of a route, or of a proxy."""
        self.deliveries.answered(answer, self.now_ms)
        self.proxies.answered(answer)

    def _seen(self, text: str) -> None:
        self._outbox.append(Traced("hub", text))

    # The pump's side.

    def take(self) -> list[Fetch | Traced]:
        """The HTTP requests that are due by now, in order, and what there is to watch."""
        self.deliveries.retry(self.now_ms)
        outbox, self._outbox = self._outbox, []
        return outbox

    @property
    def next_deadline_ms(self) -> int | None:
        """When the next retry is due."""
        return self.deliveries.next_deadline_ms

    @property
    def idle(self) -> bool:
        """Whether every event has been delivered or given up."""
        return self.deliveries.idle and not self._outbox
