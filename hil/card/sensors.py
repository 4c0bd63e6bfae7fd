"""What a Notecard measures, as the badge's inputs."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from badge.inputs import Battery, Cellular, GpsFix, Movement, UtcLearned
from hil.card.errors import CardError, CardRefusedError
from hil.card.lipo import battery_pct
from hil.card.reply import CardAnswer
from hil.card.thread import CardThread
from hil.clock import Clock, SystemClock
from hil.ports import Give

FRESH_S = 5  # a fix that is older when the poll begins belongs to an earlier one
UTC_STEP_MS = 2_000  # the card tells whole seconds: less is no news
_REQUEST_TIMEOUT_S = 5.0  # below a scan cycle, so that a silent card is noticed within one


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Seconds between two readings of the card, which answers one request at a time."""

    hurry_s: float = 5.0  # after a failure, and until the first time or network
    link_s: float = 15.0
    motion_s: float = 5.0  # well below stationary_after_s
    voltage_s: float = 60.0  # a battery falls by a percent in an hour
    time_s: float = 600.0  # the computer's own clock drifts by less than a second until then
    turn_s: float = 0.5  # between two looks at what is due
    poll_s: float = 1.0  # the receiver makes one fix a second


@dataclass(slots=True)
class CardView:
    """The latest of everything, for a status line; `trouble` is the card's, as a sentence."""

    utc_known: bool = False
    connected: bool = False
    moving: bool | None = None
    pct: int | None = None
    volts: float | None = None
    usb: bool = False
    fix: GpsFix | None = None
    fix_words: str = ""
    link_words: str = ""
    trouble: str = ""
    losses: int = 0


@dataclass(slots=True)
class CardSensors:
    """Position, time, voltage, motion and link of one card (`hil.ports.Sensors`).

    Settings are made when the card was opened, and again after it was gone: a card that lost its
    power, or another card, need not have them.
    """

    card: CardThread
    rhythm: Rhythm = field(default_factory=Rhythm)
    clock: Clock = field(default_factory=SystemClock)
    unix_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000
    view: CardView = field(default_factory=CardView)
    settings: tuple[tuple[str, Mapping[str, object]], ...] = ()
    _set_up: int = 0
    _gps_on: bool = False
    _utc_offset_ms: int | None = None
    _told: dict[type, Battery | Cellular | Movement] = field(default_factory=dict)

    # -- the watch ---------------------------------------------------------------------------

    async def watch(self, give: Give) -> None:
        """Read everything in its rhythm and tell what has changed, for ever."""
        due = dict.fromkeys(self._readings(), 0.0)
        while True:
            for name, read in self._readings().items():
                now_s = self.clock.monotonic_ns() / 1e9
                if now_s >= due[name]:
                    pause_s = await self._reading(read, give)
                    due[name] = now_s + pause_s
            await self.clock.sleep(self.rhythm.turn_s)

    def _readings(self) -> dict[str, Callable[[Give], Awaitable[float]]]:
        return {
            "time": self._read_time,
            "link": self._read_link,
            "motion": self._read_motion,
            "voltage": self._read_voltage,
        }

    async def _reading(self, read: Callable[[Give], Awaitable[float]], give: Give) -> float:
        try:
            return await read(give)
        except CardRefusedError as error:
            self.view.trouble = str(error)
        except CardError as error:
            if not self.view.trouble:
                self.view.losses += 1
            self.view.trouble = str(error)
            self._tell(give, Cellular(False))
            self.view.connected = False
        return self.rhythm.hurry_s

    async def _ask(self, request: str) -> CardAnswer:
        await self._settle()
        reply = await self.card.ask(request, timeout_s=_REQUEST_TIMEOUT_S)
        self.view.trouble = ""
        return reply

    async def _settle(self) -> None:
        """Make the settings if the card was opened since they were made."""
        if self._set_up and self._set_up == self.card.openings:
            return
        await self.card.ask("card.motion.mode", {"start": True}, timeout_s=_REQUEST_TIMEOUT_S)
        for request, members in self.settings:
            await self.card.ask(request, members, timeout_s=_REQUEST_TIMEOUT_S)
        if self._gps_on:
            await self._set_gps()
        self._set_up = self.card.openings

    def _tell(self, give: Give, what: Battery | Cellular | Movement) -> None:
        """Give an input if it says something new."""
        if self._told.get(type(what)) != what:
            self._told[type(what)] = what
            give(what)

    async def _read_time(self, give: Give) -> float:
        try:
            reply = await self._ask("card.time")
        except CardRefusedError:
            return self.rhythm.hurry_s  # not set yet: the network or a fix will tell
        seconds = reply.whole("time")
        if seconds is None or seconds <= 0:
            return self.rhythm.hurry_s
        now_ms = self.clock.monotonic_ns() // 1_000_000
        offset_ms = seconds * 1000 - now_ms
        known = self._utc_offset_ms
        if known is None or abs(offset_ms - known) >= UTC_STEP_MS:
            self._utc_offset_ms = offset_ms
            give(UtcLearned(seconds * 1000))
        self.view.utc_known = True
        return self.rhythm.time_s

    async def _read_link(self, give: Give) -> float:
        reply = await self._ask("hub.status")
        connected = bool(reply.get("connected"))
        self.view.link_words = reply.text("status")
        if not connected and await self._reaches_hub():
            connected = True
        self.view.connected = connected
        self._tell(give, Cellular(connected))
        return self.rhythm.link_s if connected else self.rhythm.hurry_s

    async def _reaches_hub(self) -> bool:
        """A card that is not in continuous mode hangs up after each sync: that is no outage."""
        status = await self._ask("hub.sync.status")
        words = status.text("status")
        self.view.link_words = words or self.view.link_words
        return bool(status.get("completed")) and not status.get("alert") and "{sync-end}" in words

    async def _read_motion(self, give: Give) -> float:
        reply = await self._ask("card.motion")
        moving = bool(reply.get("count"))
        self.view.moving = moving
        self._tell(give, Movement(moving))
        return self.rhythm.motion_s

    async def _read_voltage(self, give: Give) -> float:
        reply = await self._ask("card.voltage")
        value = reply.number("value")
        if value is None or not 0 < value < 100:
            return self.rhythm.hurry_s
        self.view.volts, self.view.usb = value, bool(reply.get("usb"))
        voltage_mv = round(value * 1000)
        pct = 100 if self.view.usb else battery_pct(voltage_mv)
        self.view.pct = pct
        self._tell(give, Battery(pct, voltage_mv))
        return self.rhythm.voltage_s

    # -- position ----------------------------------------------------------------------------

    async def power_gps(self, on: bool) -> None:
        """Switch the receiver on (continuous) or off; trouble is kept for the status."""
        self._gps_on = on
        self.view.fix = None
        try:
            await self._set_gps()
        except CardError as error:
            self.view.trouble = str(error)
            self._set_up = 0  # made up for as soon as the card is there again

    async def _set_gps(self) -> None:
        mode = "continuous" if self._gps_on else "off"
        await self.card.ask("card.location.mode", {"mode": mode}, timeout_s=_REQUEST_TIMEOUT_S)

    async def fix(self, timeout_s: float) -> GpsFix | None:
        """Ask until the card has a fix made since this poll began, or the time is over."""
        begun_ns = self.clock.monotonic_ns()
        while (self.clock.monotonic_ns() - begun_ns) / 1e9 < timeout_s:
            try:
                found = self._fix_in(await self._ask("card.location"), begun_ns // 1_000_000)
            except CardError as error:
                self.view.trouble = str(error)
                found = None
            if found is not None:
                self.view.fix = found
                return found
            await self.clock.sleep(self.rhythm.poll_s)
        return None

    def _fix_in(self, reply: CardAnswer, begun_ms: int) -> GpsFix | None:
        self.view.fix_words = reply.text("status")
        lat, lon = reply.number("lat"), reply.number("lon")
        made_s, dop = reply.number("time"), reply.number("dop")
        if "{gps}" not in self.view.fix_words or self._utc_offset_ms is None:
            return None  # without {gps} the place is a cell tower's or an old one
        if lat is None or lon is None or made_s is None:
            return None
        if made_s < (begun_ms + self._utc_offset_ms) / 1000 - FRESH_S:
            return None
        return GpsFix(lat, lon, hdop=dop if dop and dop > 0 else None)
