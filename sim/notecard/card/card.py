"""The card behind its wire: its parts wired together, and the answers to requests."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from sim.notecard.card.notebook import Notebook
from sim.notecard.card.radio import Connectivity
from sim.notecard.card.replies import Answered, CardReply, Later
from sim.notecard.card.session import HubSession
from sim.notecard.codec.arguments import Args, RequestError
from sim.notecard.model.attn import Attn
from sim.notecard.model.clock import CardClock
from sim.notecard.model.exchange import Inbound, Notehub, SyncDownload
from sim.notecard.model.faults import Faults
from sim.notecard.model.identity import Identity
from sim.notecard.model.link import LinkState, Timing
from sim.notecard.model.outputs import AuxText, Dark, Output, Pin, Traced
from sim.notecard.model.pins import Pins
from sim.notecard.model.services import TimedPart
from sim.notecard.sensors.aux_gpio import AuxGpio
from sim.notecard.sensors.aux_serial import AuxSerial
from sim.notecard.sensors.climate import Climate
from sim.notecard.sensors.firmware import HostFirmware
from sim.notecard.sensors.gps import GnssModule
from sim.notecard.sensors.lights import Lights
from sim.notecard.sensors.motion import Accelerometer
from sim.notecard.sensors.motion_reports import MotionReports
from sim.notecard.sensors.power import Power
from sim.notecard.sensors.sleep import Sleep
from sim.notecard.sensors.tracking import Tracking
from sim.notecard.sensors.voltage import PowerSupply
from sim.notecard.storage.binary import BinaryStore
from sim.notecard.storage.notefiles import Note, Notefile, Notefiles
from sim.notecard.storage.state import CardState
from sim.notecard.world.attached import Attachments
from sim.notecard.world.world import Position, World

STEPS_MAX = 100_000  # of one `advance`: a bound against a clock that leaps by years
RESTART_AFTER_MS = 100  # card.restart and card.restore: the answer must still get out
_LEVEL = {True: "HIGH", False: "LOW", None: "floats"}


Request = Callable[["Card", Args], Answered]


class Card:
    """One powered card.  Give it time with `advance`, requests with `run`.

    It is the `Services` of its parts.
    """

    def __init__(
        self,
        state: CardState,
        world: World,
        hub: Notehub,
        clock: CardClock,
        *,
        attached: Attachments | None = None,
        identity: Identity | None = None,
        timing: Timing | None = None,
        faults: Faults | None = None,
        seed: int = 0,
    ) -> None:
        self.state, self.world, self.hub, self.clock = state, world, hub, clock
        self.attached = attached or Attachments()
        self.identity = identity or Identity()
        self.timing = timing or Timing()
        self.faults = faults or Faults()
        # Another life of the same card draws other numbers, or its IDs would meet those of before.
        # Drawn anew after each start; no secret.
        self.random = Random(f"{seed}:{state.notes_made}:{state.sessions}")  # noqa: S311
        state.born = state.born or f"{self.random.getrandbits(64):016x}"
        self.outbox: list[Output] = []
        self.changed = self._stale = True
        self._busy: list[TimedPart] = []
        self._watches_power = self._watches_motion = False
        self.requests: dict[str, Request] = {}
        self._power_on()

    def _power_on(self) -> None:
        self.boot_ms = self.clock.now_ms
        self._restart_ms: int | None = None
        self.notebook = Notebook(self)
        self.pins = Pins(self._line_moved)
        self.store = BinaryStore(self.identity.model.binary_max)
        self.attn = Attn(off=bool(self.state.family("attn").get("off")))
        self.supply = PowerSupply(self)
        self.motion = Accelerometer(
            self.clock, self.world, self.attached, self.state.family("motion")
        )
        location = self.state.family("location")
        self.gps = GnssModule(self.clock, self.world, self.timing, location, self._voltage_level)
        self.aux_serial = AuxSerial(self, self._say_on_aux)
        self.firmware = HostFirmware(self)
        self.radio = Connectivity(
            self.clock, self.state, self.world, self.attached, self.identity.model
        )
        self.session = HubSession(self, self.hub, self.radio, self.timing)
        self.link, self.sync = self.session.link, self.session.sync
        self.gps.modem_on = self.session.excludes_gnss
        self.tracking = Tracking(self, self.gps)
        self.gps.on_sample = self.tracking.sampled
        self.gpio, self.lights = AuxGpio(self), Lights(self)
        self.climate, self.power = Climate(self), Power(self)
        self.reports = MotionReports(self, self.motion)
        self.sleep = Sleep(self)
        self._timers: tuple[TimedPart, ...] = (
            self.notebook,
            self.tracking,
            self.climate,
            self.power,
            self.reports,
            self.gpio,
            self.lights,
            self.aux_serial,
            self.firmware,
            self.sleep,
        )
        self.pending: Later | None = None
        self._stale = True
        self.apply_aux()
        self._settle_attn()

    # What the parts ask.

    @property
    def files(self) -> Notefiles:
        """The notefiles."""
        return Notefiles(self.state.files)

    @property
    def hub_settings(self) -> dict[str, Any]:
        """What hub.set has set."""
        return self.state.family("hub")

    @property
    def volts(self) -> float:
        """The supply voltage now."""
        return self.supply.volts_at()

    @property
    def level(self) -> str:
        """The name of the voltage by the thresholds in force."""
        return self.supply.level

    def _voltage_level(self) -> str:
        return self.supply.level

    @property
    def on_usb(self) -> bool:
        """Whether USB powers the card."""
        return self.supply.on_usb

    @property
    def place(self) -> Position | None:
        """The last position."""
        return self.gps.position

    @property
    def fixed_s(self) -> int:
        """UTC of the last position; 0 without one."""
        return self.gps.fixed_s

    @property
    def moving(self) -> bool:
        """Whether the card moves now."""
        return self.world.moving_at(self.clock.utc_ms)

    @property
    def gps_mode(self) -> str:
        """The mode of card.location.mode."""
        return self.gps.mode

    @property
    def connected(self) -> bool:
        """Whether a session is open."""
        return self.link.connected

    @property
    def modem_on(self) -> bool:
        """Whether the radio draws power."""
        return self.link.state not in (LinkState.OFF, LinkState.PENALTY)

    @property
    def penalised(self) -> bool:
        """Whether the card sits in the penalty box."""
        return self.link.state is LinkState.PENALTY

    def touch(self) -> None:
        """Something that flash keeps has changed, and with it what a part waits for."""
        self.changed = self._stale = True

    def watch(self, kind: str, text: str) -> None:
        """Tell whoever watches."""
        self.outbox.append(Traced(kind, text))
        if kind == "link":
            self.aux_serial.trace(text)

    def sync_now(self) -> None:
        """Want a sync."""
        self.sync.request(self.clock.now_ms)

    def fire(self, event: str, file: str = "") -> None:
        """Let ATTN hear of an event."""
        self.attn.fire(event, file)

    def add_note(self, file: Notefile, note_id: str, **parts: Any) -> Note:
        """Store one note of the card's own time and place."""
        return self.notebook.add(file, note_id, **parts)

    def log_note(self, file: str, body: dict[str, Any], payload: str = "") -> None:
        """Add a note of the card's own to an outbound queue."""
        self.notebook.log(file, body, payload)

    def flush(self) -> None:
        """Write what is still in RAM to flash (card.checkpoint, a sync, a restart in order)."""
        self.notebook.flush()

    def receive(self, inbound: Inbound) -> None:
        """A note has come from Notehub."""
        self.notebook.receive(inbound)
        self.fire("files", inbound.file)

    def downloaded(self, download: SyncDownload) -> None:
        """Variables and firmware that a sync has brought."""
        if download.env is not None:
            self.state.env_hub = dict(download.env)
            self.state.env_modified_s = self.clock.utc_s
            self.fire("env")
            self.aux_serial.notify("env", time=self.clock.utc_s)
        if download.firmware is not None:
            self.firmware.offer(download.firmware.body, download.firmware.data)

    def heard(self, body: dict[str, Any]) -> None:
        """A signal has come."""
        self.fire("signal")
        self.aux_serial.notify("signals", body=body)

    def _say_on_aux(self, text: str) -> None:
        self.outbox += [AuxText(text), Traced("aux", text)]

    def _line_moved(self, name: str, high: bool | None) -> None:
        self.outbox += [Pin(name, high), Traced("pin", f"{name} {_LEVEL[high]}")]

    def apply_aux(self) -> None:
        """Let the AUX pins be what card.aux says: gpio, lamps, the sign of a download, or off."""
        self.lights.release()
        self.pins.on_input = lambda name, high: None
        mode = self.lights.mode
        for name in ("AUX1", "AUX2", "AUX3", "AUX4") if mode != "gpio" else ():
            self.pins.show(name, None)
        if mode == "gpio":
            self.gpio.apply()
        elif mode == "dfu":
            self.pins.show("AUX1", not self.firmware.running)
        self.lights.apply()

    # Power.

    def restart(self, reason: str) -> None:
        """Lose what is in RAM; a brown-out also loses the time, and notes not yet in flash."""
        power_lost = reason == "brown-out"
        if power_lost:
            self.clock.known = False
        else:
            self.flush()
        self.notebook.lose(power=power_lost)
        self.hub.connected(self.identity.device, False)
        self.outbox.append(Dark(reason, int(self.timing.boot_s * 1000), self.clock.now_ms))
        self._power_on()
        self._reset_host()

    def restart_soon(self) -> None:
        """Restart when the answer to the request for it has had time to get out."""
        self._restart_ms = self.clock.now_ms + RESTART_AFTER_MS

    def _reset_host(self) -> None:
        """card.dfu: the host is reset when the card starts, unless it says stop."""
        kept = self.state.family("odfu")
        if kept.get("name") and not kept.get("stop"):
            line = "ALT_DFU_RESET" if kept.get("mode") == "altdfu" else "AUX4"
            self.pins.show(line, False)
            self.pins.show(line, True)
            self.pins.show(line, None)

    # Requests.

    def run(self, args: Args) -> CardReply | Later:
        """Answer one request or command; a refusal is an answer too."""
        self.attn.feed(self.clock.now_ms)
        self.motion.advance()
        self.gps.advance()
        self.power.settle()
        self.sleep.wake("request")
        name = args.text("req") or args.text("cmd")
        self._stale = True
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
            raise RequestError(f"unknown request: {name[:100]} {{not-supported}} {{io}}")
        return self.requests[name]

    # Time.

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
        if self._restart_ms is not None and now_ms >= self._restart_ms:
            self.restart("restart")
        if self._stale:
            self._refresh()
        if self._watches_power:
            self.supply.advance()
        if self._watches_motion:
            self._watch_motion()
        self.gps.advance()  # always: a search is looked at whenever the card is
        for part in self._busy:
            due_ms = part.deadline_ms()
            if due_ms is not None and now_ms >= due_ms:
                part.advance()
        self.session.advance()
        self.attn.advance(now_ms)
        self._settle_attn()
        self._settle_pending(now_ms)

    def _refresh(self) -> None:
        """Look which parts wait for anything: most never do, and a transaction has little time."""
        self._stale = False
        self._busy = [part for part in self._timers if part.deadline_ms() is not None]
        self._watches_power = self.attn.watches("usb") or self.supply.watching
        watched = self.attn.watches("motion") or self.attn.watches("motionchange")
        self._watches_motion = watched or self.reports.on

    def _watch_motion(self) -> None:
        moved, changed = self.motion.advance()
        if moved:
            self.fire("motion")
        if changed:
            self.fire("motionchange")

    def _settle_attn(self) -> None:
        for _ in range(self.attn.pulses):  # the watchdog: low, then high again
            self.pins.show("ATTN", False)
            self.pins.show("ATTN", True)
        self.attn.pulses = 0
        self.pins.show("ATTN", self.attn.high)

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
        if self._stale:
            self._refresh()
        due = [part.deadline_ms() for part in self._busy]
        due += [self.session.deadline_ms(), self.gps.deadline_ms(), self.attn.deadline_ms()]
        due.append(self._restart_ms)
        if self._watches_power:
            due.append(self.supply.deadline_ms())
        if self._watches_motion:
            due.append(self.motion.deadline_ms())
        if self.pending is not None and self.pending.reply is None:
            due.append(self.pending.deadline_ms)
        return min((ms for ms in due if ms is not None), default=None)
