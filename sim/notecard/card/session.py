"""The session with Notehub: when the card is online, and what goes over then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from sim.notecard.card.radio import Connectivity
from sim.notecard.codec.levels import by_level
from sim.notecard.model.exchange import (
    HubGoneError,
    Inbound,
    Notehub,
    Place,
    SyncDownload,
    SyncUpload,
)
from sim.notecard.model.faults import Faults
from sim.notecard.model.identity import Identity
from sim.notecard.model.link import LinkState, Modem, PenaltyRule, Timing
from sim.notecard.model.services import Services
from sim.notecard.model.sync import Cadence, Sync
from sim.notecard.sensors.triangulation import Triangulation
from sim.notecard.storage.notefiles import Note, Notefile
from sim.notecard.world.world import Position

SIGNALS_MAX = 32
RULE = ("min", "rate", "add", "max")  # the arguments of card.wireless.penalty
UMIN_FACTOR = 2  # card.transport umin: how much longer a wideband card looks for service
SESSION_BYTES = 200  # that a session costs by itself, by estimate


class Outside(Services, Protocol):
    """What the session asks of the card beyond what every part may."""

    identity: Identity
    faults: Faults

    def receive(self, inbound: Inbound) -> None:
        """A note has come."""

    def downloaded(self, download: SyncDownload) -> None:
        """A sync has brought variables or firmware."""

    def heard(self, body: dict[str, Any]) -> None:
        """A signal has come."""

    def flush(self) -> None:
        """Write what is still in RAM to flash."""


class HubSession:
    """One modem, its sync and what waits for it.  `advance` at least at every `deadline_ms`."""

    def __init__(self, card: Outside, hub: Notehub, radio: Connectivity, timing: Timing) -> None:
        self._card, self._hub, self._radio = card, hub, radio
        self.link = Modem(timing)
        self.sync = Sync(timing.sync_s)
        self.triangulation = Triangulation(card)
        self.queued: list[Callable[[], None]] = []
        self.signals: list[dict[str, Any]] = []
        self.on_until_ms = 0
        self.tower: Position | None = None
        self.error = ""
        self._synced = False
        self._opened_ms = 0
        self._sent = 0
        self._moved = False
        self._status = ""
        self.apply_rule()

    # Settings.

    @property
    def settings(self) -> dict[str, Any]:
        """What hub.set has set."""
        return self._card.state.family("hub")

    @property
    def mode(self) -> str:
        """The mode in force: by USB power, if hub.set says so."""
        hub = self.settings
        for name, otherwise in (("uoff", "off"), ("umin", "minimum"), ("uperiodic", "periodic")):
            if hub.get(name):
                return "continuous" if self._card.on_usb else otherwise
        return str(hub.get("mode", "periodic"))

    def excludes_gnss(self) -> bool:
        """Whether the modem keeps the receiver off: always, but in an idle continuous session.

        Such a session would leave no moment to fix a position in; what a real card does then is
        not published.
        """
        idle = self.link.connected and self.continuous
        return self.link.state not in (LinkState.OFF, LinkState.PENALTY) and not idle

    @property
    def continuous(self) -> bool:
        """Whether the session is meant to stay open: by mode, or by hub.set on:true."""
        return self.mode == "continuous" or self._card.clock.now_ms < self.on_until_ms

    @property
    def cadence(self) -> Cadence:
        """Minutes of each direction, by the voltage if hub.set says so."""
        if self.mode not in ("periodic", "continuous"):
            return Cadence()
        clock = self._card.clock
        epoch_ms = clock.epoch_ms if self.settings.get("align") and clock.known else None
        return Cadence(self.minutes("outbound"), self.minutes("inbound"), epoch_ms)

    def minutes(self, way: str) -> int:
        """The period of ``outbound`` or ``inbound``; 0 for never."""
        variable = self.settings.get(f"v{way}")
        listed = by_level(variable, self._card.level) if variable else None
        return max(0, int(self.settings.get(way, 0)) if listed is None else listed)

    def apply_rule(self) -> None:
        """Take the penalty rule of card.wireless.penalty, and the patience of card.transport."""
        kept = self._card.state.family("wireless.penalty")
        self.link.rule = PenaltyRule(**{name: kept[name] for name in RULE if name in kept})
        patient = self._card.state.family("transport").get("umin")
        self.link.search_s = self.link.timing.search_s * (UMIN_FACTOR if patient else 1)

    # Time.

    @property
    def _may_connect(self) -> bool:
        return bool(self.settings.get("product")) and self.mode not in ("off", "dfu")

    def advance(self) -> None:
        """Connect and sync as far as time, need and coverage allow."""
        now_ms = self._card.clock.now_ms
        self._moved |= self._card.moving
        if self._may_connect:
            self.sync.plan(now_ms, self.cadence, self._card.files.waiting())
        busy = self.sync.wanted or self.sync.started_ms is not None or self.continuous
        wanted = self._may_connect and busy
        if self.link.state is LinkState.OFF and not wanted:
            return
        self._end_if_due(now_ms)
        refused_s = self._card.faults.param("penalty") if self._refused(wanted) else 0
        if self.link.advance(now_ms, wanted, self._radio.bars, refused_s):
            self._changed()
        if self.link.connected:
            self._talk(now_ms)

    def _end_if_due(self, now_ms: int) -> None:
        """A continuous session lasts `duration` minutes; and a better way may have come."""
        minutes = int(self.settings.get("duration", 0))
        old = minutes > 0 and now_ms >= self._opened_ms + 60_000 * minutes
        before = self._radio.transport
        better = self._radio.way and self._radio.transport != before
        if self.link.connected and self.sync.started_ms is None and (old or better):
            self.link.hang_up(now_ms)
            self._changed()

    def _refused(self, wanted: bool) -> bool:
        trying = wanted and self.link.state in (LinkState.OFF, LinkState.REGISTERING)
        return trying and self._card.faults.lasts("penalty")

    def _changed(self) -> None:
        card, now_ms = self._card, self._card.clock.now_ms
        status = self.link.status(now_ms)
        card.watch("link", f"{self.link.state.value}: {status}")
        self.sync.note(card.clock.utc_s, status)
        card.fire("wireless")
        self._hub.connected(card.identity.device, self.link.connected)
        if not self.link.connected:
            self.sync.abort()
            return
        card.clock.known = True
        self.tower = _near(card.world.fix_at(card.clock.utc_ms)) or self.tower
        state = card.state
        state.activated_s = state.activated_s or card.clock.utc_s
        state.sessions += 1
        secure = 0 if self.settings.get("unsecure") else 1
        state.usage.count(card.clock.utc_s, sessions_secure=secure, sessions_standard=1 - secure)
        self._synced, self._opened_ms, self._sent, self.error = False, now_ms, 0, ""
        card.touch()
        card.fire("connected")

    def _talk(self, now_ms: int) -> None:
        queued, self.queued = self.queued, []
        for call in queued:
            call()
        for body in self._hub.take_signals(self._card.identity.device):
            self.signals = [*self.signals, body][-SIGNALS_MAX:]
            self._card.heard(body)
        pushed = self.settings.get("sync") and self._hub.waiting(self._card.identity.device)
        if self.sync.started_ms is None:
            if pushed:
                self.sync.want(outbound=False)
            if not self._synced and not self.sync.wanted:
                self.sync.want()  # a session begins with a sync of both ways, unless one is asked
            if self.sync.wanted:
                self._begin(now_ms)
        if self.sync.ended(now_ms):
            self._exchange(now_ms)

    def _begin(self, now_ms: int) -> None:
        scanned = not self._synced and self.triangulation.scan(self._moved)
        self._moved = self._moved and not scanned
        self.sync.begin(now_ms, scanned=scanned)
        self.sync.note(self._card.clock.utc_s, self.sync.phase(now_ms))

    # The exchange.

    def _exchange(self, now_ms: int) -> None:
        card = self._card
        card.flush()
        unsent = self._outgoing() if self.sync.outbound else []
        upload = self._upload([(f.name, n, f.template is not None) for f, n in unsent])
        try:
            down = self._hub.exchange(upload)
        except HubGoneError:
            self.error = "unable to connect to notehub {notehub-open-failure}"
            self.link.punish(now_ms, 60 * self.link.rule.minutes(self.link.failures + 1))
            self._changed()
            return
        for file, note in unsent:
            card.files.sent(file, note)
        for inbound in down.notes:
            card.receive(inbound)
        card.downloaded(down)
        self._sent += len(unsent) + 1
        card.state.afresh &= not upload.inbound
        self._count(upload, len(down.notes))
        self.sync.complete(now_ms)
        card.state.completed_s, self._synced = card.clock.utc_s, True
        self.sync.note(card.clock.utc_s, "completed {sync-end}")
        card.watch("link", f"sync: {len(unsent)} notes out, {len(down.notes)} in")
        card.touch()

    def _outgoing(self) -> list[tuple[Notefile, Note]]:
        """What waits, but for files whose template was made for the other kind of network."""
        files = self._card.files
        for file in files:
            if file.template_options.get("delete") and self._mismatched(file):
                for note in file.unsent():
                    file.notes.pop(note.note_id)
        if not self._radio.satellite:
            return files.unsent()
        return [(f, n) for f, n in files.unsent() if not self._mismatched(f)]

    def _mismatched(self, file: Notefile) -> bool:
        return file.for_satellite is not self._radio.satellite

    def _count(self, upload: SyncUpload, received: int) -> None:
        sizes = sum(len(str(note.body)) + len(note.payload) for _, note, _ in upload.notes)
        self._card.state.usage.count(
            self._card.clock.utc_s,
            bytes_sent=sizes + SESSION_BYTES,
            bytes_received=SESSION_BYTES,
            notes_sent=len(upload.notes),
            notes_received=received,
        )

    def _upload(self, notes: list[tuple[str, Note, bool]]) -> SyncUpload:
        card, utc_ms = self._card, self._card.clock.utc_ms
        fix, seen = card.place, self.tower
        gps = Place(fix.lat, fix.lon, card.fixed_s) if fix and card.fixed_s else None
        tower = Place(seen.lat, seen.lon, utc_ms // 1000, "tower") if seen else None
        identity = card.identity
        return SyncUpload(
            device=identity.device,
            sn=str(self.settings.get("sn", "")),
            product=str(self.settings.get("product", "")),
            session=card.state.sessions,
            received_ms=utc_ms,
            notes=notes,
            born=card.state.born,
            first=self._sent,
            transport=self._radio.transport,
            sku=identity.sku,
            firmware="notecard-{}.{}.{}.{}".format(*identity.model.version),
            area=identity.area,
            country=identity.country,
            zone=identity.zone,
            host=self.settings.get("version") or card.state.family("dfu").get("version"),
            contact=dict(card.state.family("contact")),
            tower=tower,
            best=gps or self._triangulated() or tower,
            triangulated=self._triangulated(),
            readings={
                "voltage": card.volts,
                "temp": card.world.celsius_at(utc_ms),
                "bars": self._radio.bars,
            },
            opened=not self._synced,
            inbound=self.sync.inbound,
            afresh=card.state.afresh,
        )

    def _triangulated(self) -> Place | None:
        """Triangulation is finer than a tower and coarser than a receiver: some hundred metres."""
        fix = self._card.world.fix_at(self._card.clock.utc_ms)
        if not self.sync.scanned or fix is None:
            return None
        when_s, points = self.triangulation.scanned_s, self.triangulation.points
        return Place(round(fix.lat, 3), round(fix.lon, 3), when_s, "triangulated", points)

    def deadline_ms(self) -> int | None:
        """When `advance` is due again; None while nothing is wanted."""
        now_ms = self._card.clock.now_ms
        due = [self.link.deadline_ms(now_ms)]
        if self._may_connect:
            waiting = self._card.files.waiting()
            due.append(self.sync.deadline_ms(self.cadence, waiting))
        if self.on_until_ms > now_ms:
            due.append(self.on_until_ms)
        return min((ms for ms in due if ms is not None), default=None)


def _near(fix: Position | None) -> Position | None:
    """Where the network believes the card to be: the cell's centre, some kilometres coarse."""
    return None if fix is None else Position(round(fix.lat, 2), round(fix.lon, 2), 20.0)
