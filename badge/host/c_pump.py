"""A badge in C with a clock of its own: what needs nobody else is done without any Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic_core import to_json

from badge.config import BadgeConfig
from badge.effects import Upload
from badge.errors import MisuseError
from badge.host.c_core import CBadge, answer_numbers
from badge.host.core.store import CHost
from badge.host.core.whole import REFUSALS
from badge.inputs import Input, UploadAnswer
from badge.storage.geometry import Geometry

NO_FIX = -1
POWER_GPS, POWER_SCANNER, DRAW, REBOOT, POWER_OFF = range(5)
WHYS = (None, "queued", "overflowed", "quarantined", "battery")
"""What became of an event: `why` of a row is a place in here."""
ROW = np.dtype(
    [
        *((name, "<i8") for name in ("number", "ms", "unix_ms")),
        *((name, "<u8") for name in ("event_at", "truth_at", "end")),
        *((name, "u1") for name in ("type", "arrived", "why")),
        ("unused", "u1", 5),
    ]
)
"""A row of `struct host_row`."""
NO_UNIX = -(2**63)
_EVENT_BYTES = 256  # of flash that an event may take, on average
_STOPPED = "the world of a badge in C has failed"


_SPARE: dict[tuple[Geometry, int], CHost] = {}
"""The memory of the badge that was closed last, by its size, for the next one."""


WholeFix: TypeAlias = tuple[int, int, int, int, int, int, int]
"""A fix as `struct badge_fix` has it (`core.whole.whole_fix`, and the place of its type)."""


class PumpPorts(Protocol):
    """What a badge in C asks of its world, at `now_ms` of its pump."""

    def poll(self, now_ms: int) -> tuple[int, WholeFix] | None:
        """Return (ms until the fix is there, the fix), or None if none will come."""

    def listen(self, start_ms: int, period_ms: int) -> None:
        """Leave a block of cycles from that moment on (`CPump.hear`)."""

    def upload(self, what: Upload) -> None:
        """Send a batch."""

    def effect(self, kind: int, value: bool) -> None:
        """See a part switched, the screen drawn, a restart, or the end."""


class CPump:
    """Runs a badge in C and the calls of its owner in order of time (see `sim.engine.clock`).

    An error of the ports is raised by `run_until`.
    """

    def __init__(self, config: BadgeConfig, firmware_version: str, around: PumpPorts) -> None:
        places = config.queue_events_max + config.quarantine_events_max
        pages = 8 + places * _EVENT_BYTES * 2 // (Geometry().room_bytes)
        geometry = Geometry(ring_pages=max(Geometry().ring_pages, pages))
        settings = to_json(config.chosen())  # the law looks for each of them, so few are soon read
        self._size = geometry, 2 * places + 1024
        host = _renewed(_SPARE.pop(self._size, None), settings, firmware_version)
        if host is None:
            host = CHost(settings, firmware_version, *self._size, issued_bytes=0)
        self._host, self._lib, self._ffi = host, host.lib, host.ffi
        self._around = around
        self._tags_most = max(len(config.known_equipment_tags), 1)
        self._error: BaseException | None = None
        self._asked = self._callbacks()
        pointer = self._lib.host_pump_new(host.pointer, self._asked)
        self.seen = self._ffi.gc(pointer, self._lib.host_pump_free)
        self._fix = self.seen.fix
        self.badge = CBadge.on(config, host)
        self._calls: dict[int, Callable[[], None]] = {}
        self._last_call = 0
        self._held: tuple[Any, ...] = ()

    def _callbacks(self) -> Any:
        callback = self._ffi.callback
        kept = self._kept = (
            callback("int64_t(int64_t)", self._poll, error=NO_FIX, onerror=self._fail),
            callback("void(int64_t, int64_t)", self._around.listen, onerror=self._fail),
            callback("void(void)", self._upload, onerror=self._fail),
            callback("void(int, int)", self._around.effect, onerror=self._fail),
        )
        nobody = (self._ffi.NULL, self._ffi.NULL)
        return self._ffi.new("struct host_asked *", (*kept, *nobody))

    @property
    def has_finder(self) -> bool:
        """Whether fixes are found without Python."""
        return bool(self.seen.asked.find)

    def find_with(self, function: int, context: int) -> None:
        """Find fixes by a function in C before `poll` is asked; both are addresses.

        `int64_t find(void *context, int64_t now_ms, int32_t *fix)` gives the delay in ms and fills
        `fix` in, or gives -1 for no fix, or -2 where `poll` is to be asked.
        """
        ffi, asked = self._ffi, self.seen.asked
        asked.world = ffi.cast("void *", context)
        asked.find = ffi.cast("int64_t (*)(void *, int64_t, int32_t *)", function)

    def _fail(self, kind: type[BaseException], error: BaseException, trace: Any) -> None:
        """Keep the first error for `run_until`: C knows none."""
        self._error = self._error or error
        self.seen.stopped = 1

    def _poll(self, now_ms: int) -> int:
        answer = self._around.poll(now_ms)
        if answer is None:
            return NO_FIX
        delay_ms, values = answer
        self._fix[0:7] = values
        return delay_ms

    def _upload(self) -> None:
        seen = self.seen
        body = bytes(self._ffi.buffer(seen.body, seen.body_bytes))
        self._around.upload(Upload(seen.request, body, seen.count, seen.first, seen.last))

    def close(self) -> None:
        """Free the badge; nothing may be asked of it any more: its flash may be another's."""
        self._ffi.release(self.seen)
        _SPARE.clear()  # one is kept: badges live one after the other
        _SPARE[self._size] = self._host
        self._calls.clear()
        del self._around, self._asked, self._kept, self._host  # they hold whoever holds this

    # The clock.

    @property
    def now_ms(self) -> int:
        """The simulated time."""
        now_ms: int = self.seen.now_ms
        return now_ms

    @property
    def next_ms(self) -> int | None:
        """When the next call is due; None if there is none."""
        next_ms: int = self._lib.host_pump_next_ms(self.seen)
        return next_ms if next_ms < 2**62 else None

    def at(self, ms: int, call: Callable[[], None]) -> None:
        """Run `call` at that time; `MisuseError` if it is over."""
        if ms < self.now_ms:
            raise MisuseError(f"{ms} ms is over, it is {self.now_ms} ms")
        self._last_call += 1
        self._calls[self._last_call] = call
        self._lib.host_pump_at(self.seen, ms, self._last_call)

    def after(self, delay_ms: int, call: Callable[[], None]) -> None:
        """Run `call` that much later."""
        self.at(self.now_ms + delay_ms, call)

    def rest(self, until_ms: int, every_ms: int) -> None:
        """Let the call that was asked for last ask for itself again, so often, and do no more.

        At `until_ms` and later it is run as ever; `wake` ends it.
        """
        seen = self.seen
        seen.quiet_number, seen.quiet_every_ms = self._last_call, every_ms
        seen.quiet_until_ms = until_ms

    def rest_less(self, until_ms: int) -> None:
        """Let the call that rests be run at this time, if it was to rest longer."""
        self.seen.quiet_until_ms = min(self.seen.quiet_until_ms, until_ms)

    @property
    def rested_ms(self) -> int:
        """When the call that rests was due last and did nothing; 0 if never."""
        rested_ms: int = self.seen.quiet_last_ms
        return rested_ms

    def wake(self) -> None:
        """Let the call that rests be run when it is due next."""
        self.seen.quiet_until_ms = 0

    def run_until(self, ms: int, waits: Callable[[], bool] = lambda: False) -> None:
        """Run all that is due up to that time, or until a call has left something to wait for."""
        run, seen, calls = self._lib.host_pump_run, self.seen, self._calls
        while (number := run(seen, ms)) >= 0:
            calls.pop(number)()
            if self._error is not None or waits():
                break
        if self._error is not None:
            raise self._error
        if seen.result:
            raise MisuseError(REFUSALS[seen.result])

    # Inputs.

    def give(self, what: Input) -> None:
        """Give the badge an input now."""
        seen = self.seen
        result = self.badge.give(what, seen.now_ms)
        if result:
            raise MisuseError(REFUSALS[result])
        self._lib.host_pump_given(seen)

    def give_after(self, delay_ms: int, what: UploadAnswer) -> None:
        """Give the badge an answer that much later."""
        if what.rejected:
            self.after(delay_ms, partial(self.give, what))
        else:
            seen = self.seen
            self._lib.host_pump_answer(seen, seen.now_ms + delay_ms, *answer_numbers(what))

    def restart(self) -> None:
        """Other firmware runs from now on: a pump of its own arms its ticks."""
        self._lib.host_pump_restart(self.seen)

    def move(self, times: NDArray[np.int64], moving: bytes) -> None:
        """Let the accelerometer tell changes, one after the other, late ones at once."""
        buffer = self._ffi.from_buffer("int64_t[]", times)
        self._lib.host_pump_changes(self.seen, buffer, moving, len(times))

    def hear(
        self,
        from_ms: int,
        until_ms: int,
        period_ms: int,
        heard: bytes,
        ends: NDArray[np.uint32],
        down: bytes,
    ) -> None:
        """Leave what the cycles from a time on hear, if they begin before `until_ms`.

        `heard`: MAC and dBm, seven bytes each; `ends`: where each cycle's begin, and the end;
        `down`: 1 where the scanner tells nothing.
        """
        ffi, seen = self._ffi, self.seen
        self._held = tuple(
            map(ffi.from_buffer, ("uint8_t[]", "uint32_t[]", "uint8_t[]"), (heard, ends, down))
        )
        seen.heard, seen.cycle_ends, seen.cycles_down = self._held
        seen.cycles_from_ms, seen.cycles_until_ms = from_ms, until_ms
        seen.cycle_period_ms, seen.cycle_count = period_ms, len(down)

    def tracked(self) -> dict[bytes, tuple[bool, int]]:
        """Return of each tag that is tracked whether it is near, and its hits in a row."""
        ffi, most = self._ffi, self._tags_most
        macs, near = ffi.new("uint8_t[]", 6 * most), ffi.new("uint8_t[]", most)
        hits = ffi.new("uint16_t[]", most)
        count = self._lib.host_pump_trackers(self.seen, macs, near, hits, most)
        names = bytes(ffi.buffer(macs, 6 * count))
        return {names[6 * n : 6 * n + 6]: (bool(near[n]), hits[n]) for n in range(count)}

    # What became of the events.

    @property
    def boot_age_ms(self) -> int:
        """The lifetime clock at the last boot."""
        age_ms: int = self.seen.boot_age_ms
        return age_ms

    @property
    def running_version(self) -> str:
        """The firmware that flash knows to run."""
        return self.badge.store.state.running_version

    @property
    def next_sequence(self) -> int:
        """The number of the next event."""
        return self._host.look()[1]

    @property
    def is_active(self) -> bool:
        """Whether a shift is open."""
        return bool(self.seen.is_active)

    def arrive(self, first: int, last: int, rejected: Sequence[int]) -> None:
        """The cloud has accepted a batch, the rejected ones excepted."""
        numbers = self._ffi.new("int64_t[]", list(rejected)) if rejected else self._ffi.NULL
        self._lib.host_pump_arrive(self.seen, first, last, numbers, len(rejected))

    def finish(self, why: str) -> None:
        """The run is over: close all rows that are open."""
        self._lib.host_pump_finish(self.seen, WHYS.index(why))

    @property
    def closed_count(self) -> int:
        """How many rows are final."""
        count: int = self.seen.closed_count
        return count

    def take_rows(self) -> tuple[NDArray[Any], bytes]:
        """Take the rows that are final, and the text that they point into."""
        seen, ffi = self.seen, self._ffi
        if not seen.closed_count:
            return np.empty(0, ROW), b""
        size = seen.closed_count * ROW.itemsize
        rows = np.frombuffer(bytes(ffi.buffer(seen.rows, size)), dtype=ROW)
        text = bytes(ffi.buffer(seen.json, int(rows["end"].max())))
        self._lib.host_pump_drop(seen)
        return rows, text


def _renewed(host: CHost | None, settings: bytes, firmware_version: str) -> CHost | None:
    """Make a host that of another badge, as a new one would be; None where it cannot.

    It saves the machine from emptying a MiB of flash of which little was written.
    """
    if host is None:
        return None
    why, version = host.ffi.new("char[]", 1024), firmware_version.encode()
    given = host.pointer, settings, len(settings), version, why, len(why)
    return None if host.lib.host_renew(*given) else host
