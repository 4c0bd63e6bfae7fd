"""The card behind its wire: settings, notefiles, link, sensors, and the answers to requests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from sim.notecard.codec.arguments import Args, Members, RequestError
from sim.notecard.model.attn import Attn
from sim.notecard.model.binary import BinaryStore
from sim.notecard.model.clock import CardClock
from sim.notecard.model.exchange import Inbound, Notehub, Place, SyncUpload
from sim.notecard.model.faults import Faults
from sim.notecard.model.link import LinkState, Modem, Timing
from sim.notecard.model.notefiles import Note, Notefile, Notefiles
from sim.notecard.model.outputs import Dark, Output, Pin, Traced
from sim.notecard.model.state import CardState
from sim.notecard.model.sync import Sync
from sim.notecard.sensors.gps import GnssModule
from sim.notecard.sensors.motion import Accelerometer
from sim.notecard.world.world import Position, World

STEPS_MAX = 100_000  # of one `advance`: a bound against a clock that leaps by years
SIGNALS_MAX = 32


@dataclass(frozen=True, slots=True)
class Identity:
    """What is engraved: the device UID, and where the network believes the card to be."""

    device: str = "dev:864475046000001"
    zone: str = "America/New_York"
    area: str = "Beverly, MA"
    country: str = "US"


@dataclass(frozen=True, slots=True)
class CardReply:
    """An answer: its members, the binary payload after it, or `silent` for none at all."""

    members: Members = field(default_factory=dict)
    raw: bytes | None = None
    silent: bool = False


@dataclass(slots=True)
class Later:
    """An answer that is still being made; `reply` is set when it is there."""

    deadline_ms: int
    on_deadline: Callable[[], Members]
    poll: Callable[[], Members | None] = lambda: None
    reply: CardReply | None = None


Answered = Members | CardReply | Later
Request = Callable[["Card", Args], Answered]


class Card:
    """One powered card.  Give it time with `advance`, requests with `run`."""

    def __init__(
        self,
        state: CardState,
        world: World,
        hub: Notehub,
        clock: CardClock,
        *,
        identity: Identity | None = None,
        timing: Timing | None = None,
        faults: Faults | None = None,
        seed: int = 0,
    ) -> None:
        self.state, self.world, self.hub, self.clock = state, world, hub, clock
        self.identity = identity or Identity()
        self.timing = timing or Timing()
        self.faults = faults or Faults()
        self.random = Random(seed)  # noqa: S311  (reproducible on purpose)
        self.outbox: list[Output] = []
        self.changed = True
        self.requests: dict[str, Request] = {}
        self._pin_high = True
        self._power_on()

    def _power_on(self) -> None:
        self.boot_ms = self.clock.now_ms
        self.store = BinaryStore()
        self.link = Modem(self.timing)
        self.sync = Sync(self.timing.sync_s)
        self.attn = Attn()
        self.gps = GnssModule(self.clock, self.world, self.timing, self.state.family("location"))
        self.gps.on_sample = self._gps_sampled
        self.motion = Accelerometer(self.clock, self.world, self.state.family("motion"))
        self.signals: list[Members] = []
        self.pending: Later | None = None
        self.on_until_ms = 0
        self.tower: Position | None = None
        self.queued_web: list[Callable[[], None]] = []
        self._session_synced = False

    # -- what requests ask of the card ------------------------------------------------------

    @property
    def files(self) -> Notefiles:
        """The notefiles."""
        return Notefiles(self.state.files)

    @property
    def hub_settings(self) -> dict[str, Any]:
        """What hub.set has set."""
        return self.state.family("hub")

    @property
    def bars(self) -> int:
        """Coverage now."""
        return self.world.bars_at(self.clock.utc_ms)

    @property
    def continuous(self) -> bool:
        """Whether the session is meant to stay open: by mode, or by hub.set on:true."""
        lasting = self.hub_settings.get("mode") == "continuous"
        return lasting or self.clock.now_ms < self.on_until_ms

    def touch(self) -> None:
        """Something that flash keeps has changed."""
        self.changed = True

    def watch(self, kind: str, text: str) -> None:
        """Tell whoever watches."""
        self.outbox.append(Traced(kind, text))

    def add_note(self, file: Notefile, note_id: str, **parts: Any) -> Note:
        """Store one note of the card's own time and place."""
        note = Note(note_id, when_s=self.clock.utc_s, **parts)
        if self.gps.position is not None:
            note.lat, note.lon = self.gps.position.lat, self.gps.position.lon
            note.where_s = self.gps.fixed_s
        self.state.notes_made += 1
        self.touch()
        return file.put(note)

    def restart(self, reason: str) -> None:
        """Lose what is in RAM; a brown-out also loses the time."""
        if reason == "brown-out":
            self.clock.known = False
        self.outbox.append(Dark(reason, int(self.timing.boot_s * 1000)))
        self._power_on()

    # -- requests ------------------------------------------------------------------------------

    def run(self, args: Args) -> CardReply | Later:
        """Answer one request or command; a refusal is an answer too."""
        self.attn.feed(self.clock.now_ms)
        self.motion.advance()
        self.gps.advance()
        name = args.text("req") or args.text("cmd")
        try:
            answered = self._request(name)(self, args)
        except RequestError as error:
            answered = {"err": error.text} | error.members
        if isinstance(answered, Later):
            self.pending = answered
        self._tick()  # what the request asked for begins now, not at the next deadline
        if isinstance(answered, Later):
            return answered
        return answered if isinstance(answered, CardReply) else CardReply(answered)

    def _request(self, name: str) -> Request:
        if not name:
            raise RequestError("request or command expected: no req or cmd {io}")
        if name not in self.requests:
            raise RequestError(f"unknown request: {name} {{not-supported}} {{io}}")
        return self.requests[name]

    # -- time ----------------------------------------------------------------------------------

    def advance(self, now_ms: int) -> None:
        """Let time pass up to `now_ms`, deadline by deadline."""
        for _ in range(STEPS_MAX):
            due_ms = self.next_deadline_ms
            if due_ms is None or due_ms > now_ms:
                break
            self.clock.now_ms = max(self.clock.now_ms, due_ms)
            self._tick()
        self.clock.now_ms = max(self.clock.now_ms, now_ms)
        self._tick()

    def _tick(self) -> None:
        now_ms = self.clock.now_ms
        self.gps.advance()
        if self.attn.watches("motion") or self.attn.watches("motionchange"):
            self._watch_motion()
        self._connect(now_ms)
        self.attn.advance(now_ms)
        self._settle_pin()
        self._settle_pending(now_ms)

    def _watch_motion(self) -> None:
        moved, changed = self.motion.advance()
        if moved:
            self.attn.fire("motion")
        if changed:
            self.attn.fire("motionchange")

    def _settle_pin(self) -> None:
        if self.attn.high is not self._pin_high:
            self.outbox += [Pin(self.attn.high), Traced("pin", f"ATTN {_LEVEL[self.attn.high]}")]
        self._pin_high = self.attn.high

    def _settle_pending(self, now_ms: int) -> None:
        later = self.pending
        if later is None or later.reply is not None:
            return
        found = later.poll()
        if found is None and now_ms >= later.deadline_ms:
            found = later.on_deadline()
        if found is not None:
            later.reply = CardReply(found)

    @property
    def next_deadline_ms(self) -> int | None:
        """When `advance` is due again, by the pump's clock."""
        pending = self.files.waiting()
        due = [
            self.link.deadline_ms(self.clock.now_ms),
            self.sync.deadline_ms(self.hub_settings, pending) if self._may_connect else None,
            self.gps.deadline_ms(),
            self.attn.deadline_ms(),
        ]
        if self.attn.watches("motion") or self.attn.watches("motionchange"):
            due.append(self.motion.deadline_ms())
        if self.pending is not None and self.pending.reply is None:
            due.append(self.pending.deadline_ms)
        return min((ms for ms in due if ms is not None), default=None)

    # -- the link and the sync -----------------------------------------------------------------

    @property
    def _may_connect(self) -> bool:
        hub = self.hub_settings
        return bool(hub.get("product")) and hub.get("mode") not in ("off", "dfu")

    def _connect(self, now_ms: int) -> None:
        if self._may_connect:
            self.sync.plan(now_ms, self.hub_settings, self.files.waiting())
        busy = self.sync.wanted or self.sync.started_ms is not None or self.continuous
        wanted = self._may_connect and busy
        refused_s = self.faults.param("penalty") if self._refused(wanted) else 0
        if self.link.advance(now_ms, wanted, self.bars, refused_s):
            self._link_changed()
        if self.link.connected:
            self._session(now_ms)

    def _refused(self, wanted: bool) -> bool:
        trying = wanted and self.link.state in (LinkState.OFF, LinkState.REGISTERING)
        return trying and self.faults.lasts("penalty")

    def _link_changed(self) -> None:
        now_ms = self.clock.now_ms
        status = self.link.status(now_ms)
        self.watch("link", f"{self.link.state.value}: {status}")
        self.sync.note(self.clock.utc_s, status)
        if not self.link.connected:
            self.sync.abort()
            return
        self.clock.known = True
        self.state.activated_s = self.state.activated_s or self.clock.utc_s
        self.state.sessions += 1
        self.state.usage.sessions_secure += 1
        self._session_synced = False
        self.touch()
        self.attn.fire("connected")

    def _session(self, now_ms: int) -> None:
        for queued in self.queued_web:
            queued()
        self.queued_web.clear()
        self._hear_signals()
        wants_in = self.hub_settings.get("sync") and self.hub.waiting()
        if self.sync.started_ms is None and (
            self.sync.wanted or wants_in or not self._session_synced
        ):
            self.sync.begin(now_ms)
            self.sync.note(self.clock.utc_s, self.sync.phase(now_ms))
        if self.sync.ended(now_ms):
            self._exchange(now_ms)

    def _hear_signals(self) -> None:
        heard = self.hub.take_signals()
        self.signals = (self.signals + heard)[-SIGNALS_MAX:]
        if heard:
            self.attn.fire("signal")

    def _exchange(self, now_ms: int) -> None:
        unsent = self.files.unsent()
        upload = self._upload([(f.name, n, f.template is not None) for f, n in unsent])
        down = self.hub.exchange(upload)
        for file, note in unsent:
            self.files.sent(file, note)
        for inbound in down.notes:
            self._receive(inbound)
        if down.env is not None:
            self._receive_env(down.env)
        self.state.usage.notes_sent += len(unsent)
        self.state.usage.notes_received += len(down.notes)
        self._count_bytes(upload)
        self.sync.complete(now_ms)
        self.state.completed_s, self._session_synced = self.clock.utc_s, True
        self.tower = _near(self.world.fix_at(self.clock.utc_ms)) or self.tower
        self.sync.note(self.clock.utc_s, "completed {sync-end}")
        self.watch("link", f"sync: {len(unsent)} notes out, {len(down.notes)} in")
        self.touch()

    def _count_bytes(self, upload: SyncUpload) -> None:
        sizes = (len(str(note.body)) + len(note.payload) for _, note, _ in upload.notes)
        self.state.usage.bytes_sent += sum(sizes) + 200  # the session's own, by estimate
        self.state.usage.bytes_received += 200

    def _upload(self, notes: list[tuple[str, Note, bool]]) -> SyncUpload:
        hub, utc_ms = self.hub_settings, self.clock.utc_ms
        fix = self.gps.position
        best = Place(fix.lat, fix.lon, self.gps.fixed_s) if fix and self.gps.fixed_s else None
        tower = (
            Place(self.tower.lat, self.tower.lon, utc_ms // 1000, "tower") if self.tower else None
        )
        return SyncUpload(
            device=self.identity.device,
            sn=str(hub.get("sn", "")),
            product=str(hub.get("product", "")),
            session=self.state.sessions,
            received_ms=utc_ms,
            notes=notes,
            tower=tower,
            best=best or tower,
            readings={
                "voltage": self.world.volts_at(utc_ms),
                "temp": self.world.celsius_at(utc_ms),
                "bars": self.bars,
            },
            opened=not self._session_synced,
        )

    def _receive(self, inbound: Inbound) -> None:
        file = self.files.open(inbound.file)
        note_id = inbound.note_id or file.next_queue_id()
        note = self.add_note(file, note_id, body=inbound.body, payload=inbound.payload)
        note.sent = True
        self.attn.fire("files", inbound.file)

    def _receive_env(self, env: dict[str, str]) -> None:
        self.state.env_hub = dict(env)
        self.state.env_modified_s = self.clock.utc_s
        self.attn.fire("env")

    def _gps_sampled(self, found: bool) -> None:
        if found:
            self.attn.fire("location")
        track = self.state.family("track")
        fix = self.gps.position
        if not track.get("start") or not found or fix is None:
            return
        file = self.files.open(track.get("file", "_track.qo"))
        body = {"lat": fix.lat, "lon": fix.lon, "dop": fix.dop, "time": self.gps.fixed_s}
        self.add_note(file, file.next_queue_id(), body=body, payload=track.get("payload", ""))
        if track.get("sync"):
            self.sync.request(self.clock.now_ms)


_LEVEL = {True: "HIGH", False: "LOW"}


def _near(fix: Position | None) -> Position | None:
    """Where the network believes the card to be: the cell's centre, some kilometres coarse."""
    return None if fix is None else Position(round(fix.lat, 2), round(fix.lon, 2), 20.0)
