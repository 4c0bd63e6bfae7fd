"""The stories of ../shared/bluez-oracle on the virtual air, as fast as they can be computed.

The oracle's own stories and driver run unchanged, in one process with the air, on a loop whose
clock stands still while anything happens and jumps to the next timer when nothing does.  What a
real bluetoothd said to the same story lies beside them, and is compared here.
"""

from __future__ import annotations

import asyncio
import heapq
import json
import os
import re
import selectors
import sys
import types
from dataclasses import dataclass, replace

from sim.air.bluez.system_bus import SystemBus
from sim.air.radio.advert import Advert, Pdu
from sim.air.radio.air import Air
from sim.air.radio.conditions import Conditions
from tests.paths import SHARED

ORACLE = SHARED / "bluez-oracle"
RECORDINGS = ORACLE / "real-5.66"
KERNEL_S = 0.003
SAME_MOMENT_S = 0.05  # lines of a recording that may have come in one read of the socket


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes only when there is nothing else to do."""

    def __init__(self) -> None:
        super().__init__(_Impatient(self))
        self.now_s = 1000.0

    def time(self) -> float:
        return self.now_s

    def next_timer_s(self) -> float | None:
        while self._scheduled and self._scheduled[0]._cancelled:
            heapq.heappop(self._scheduled)._scheduled = False
        return self._scheduled[0]._when if self._scheduled else None


class _Impatient(selectors.DefaultSelector):
    """Instead of waiting it moves the loop's clock, once no octet is on its way any more."""

    def __init__(self, loop: JumpingLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout=None):
        found = super().select(0)
        if found or timeout == 0:
            return found
        due_s = self._loop.next_timer_s()
        if due_s is None:
            return super().select(timeout)
        self._loop.now_s = max(self._loop.now_s, due_s)
        return found


class Control:
    """The oracle's control port: one JSON object a line in, `true` out, for one air."""

    def __init__(self, air: Air) -> None:
        self._air = air
        self._coming: list[tuple[str, str, int, Advert]] = []

    def _arrive(self) -> None:
        self._air.deliver(*self._coming.pop(0))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(json.dumps(self._act(json.loads(line))).encode() + b"\n")
            await writer.drain()
        writer.close()

    def _act(self, told: dict) -> object:
        if told.get("cmd") == "log":
            log = self._air.adapters["hci0"].kernel.log
            found = list(log)
            log.clear()
            return found
        if told.get("cmd") == "restart":
            self._air.restart_bluetoothd(crashed=told["crashed"])
            return True
        radio = self._air.adapters[f"hci{told.get('a', 0)}"]
        if not radio.kernel.listening:
            return False
        advert = Advert(
            bytes.fromhex(told.get("data", "")),
            bytes.fromhex(told.get("rsp", "")),
            "random" if told.get("at", 1) else "public",
            Pdu(told.get("evt", 0)),
        )
        # Through a controller and a kernel it takes a moment, as it did when it was recorded: what
        # is asked of BlueZ at the same time arrives before it.
        self._coming.append((radio.name, told["mac"], told["rssi"], advert))
        asyncio.get_running_loop().call_later(KERNEL_S, self._arrive)
        return True


@dataclass(frozen=True, slots=True)
class Line:
    """What a client saw: seconds, who, and the words."""

    at_s: float
    who: str
    words: str

    @property
    def is_answer(self) -> bool:
        return self.words.startswith("CALL ") and "NO ANSWER" not in self.words

    @property
    def is_signal(self) -> bool:
        return self.words.startswith(("PC ", "ADD ", "DEL ", "OWNER "))


def story_names() -> list[str]:
    """Return the stories that have a recording."""
    return sorted(path.stem for path in RECORDINGS.glob("*.txt"))


def recorded(name: str) -> tuple[list[Line], list[str]]:
    """Return what the real one said, and what its kernel asked of the controller."""
    lines, controller = [], []
    for text in (RECORDINGS / f"{name}.txt").read_text().splitlines():
        if text.lstrip().startswith("HCI:"):
            controller = _asked(text.partition("HCI:")[2])
            continue
        at_s, who, words = text.split(None, 2)
        lines.append(Line(float(at_s), who, normal(words)))
    return lines, controller


_STRENGTH = re.compile(r"PC \S+ Device1 \{'RSSI': -\d+\} gone \[\]")
_COUNTED = re.compile(r"^\d+ RSSI")
_MACHINE = re.compile(r"(GetMachineId  -> ok \[)'[0-9a-f]{32}'")
_UNIQUE = re.compile(r"':1\.\d+'")


_ASKED = (
    (re.compile(r"params\(type1,11.25/11.25ms,pol0\)"), "params active 11.25/11.25"),
    (re.compile(r"params\(type0,60/30ms,pol0\)"), "params passive 60/30"),
    (re.compile(r"params\(type0,60/60ms,pol1\)"), "params passive 60/60 accept list"),
    (re.compile(r"enable=1/dup(\d)"), r"enable dup\1"),
    (re.compile(r"enable=0/dup0"), "disable"),
)


def _asked(told: str) -> list[str]:
    found = []
    for word in told.split():
        text = word.partition(":")[2]
        for pattern, ours in _ASKED:
            text = pattern.sub(ours, text)
        found.append(text)
    return found


def merged(lines: list[Line]) -> list[Line]:
    """Keep the last of each row of strengths of a burst: how many are merged is timing alone."""
    kept: list[Line] = []
    for line in lines:
        if kept and _STRENGTH.fullmatch(line.words) and _STRENGTH.fullmatch(kept[-1].words):
            kept.pop()
        kept.append(replace(line, words=_COUNTED.sub("N RSSI", line.words)))
    return kept


def normal(words: str) -> str:
    """Take out what is the machine's own: its identity, and unique names."""
    return _UNIQUE.sub("':1.N'", _MACHINE.sub(r"\1'…'", words))


def _modules():
    """Load the oracle's driver and stories, without their last line, which runs them."""
    os.environ["ORACLE_WORK"] = "/nowhere"
    driver = types.ModuleType("driver")
    exec(compile((ORACLE / "driver.py").read_text(), "driver.py", "exec"), driver.__dict__)
    text = (ORACLE / "stories.py").read_text().rpartition("asyncio.run(main())")[0]
    known = sys.modules.get("driver")
    sys.modules["driver"] = driver
    try:
        stories = types.ModuleType("stories")
        exec(compile(text, "stories.py", "exec"), stories.__dict__)
    finally:
        sys.modules.pop("driver")
        if known is not None:
            sys.modules["driver"] = known
    return driver, stories


def _exact(world_class, message_type):
    """Note an answer where it arrived, not where the waiting task woke up after it."""

    class Exact(world_class):
        async def client(self, name, signals=True):
            bus = await super().client(name, signals)
            bus.add_message_handler(lambda message: self._arrived(message))
            return bus

        def _arrived(self, message):
            if message.message_type in (message_type.METHOD_RETURN, message_type.ERROR):
                self.places = getattr(self, "places", {})
                self.places[message.reply_serial, id(message)] = len(self.log)
                self.last = len(self.log)

        async def call(self, *arguments, **options):
            before = len(self.log)
            found = await super().call(*arguments, **options)
            if found is not None and len(self.log) > before:
                place = self.places.pop((found.reply_serial, id(found)), None)
                if place is not None and self.log[-1][2].startswith("CALL"):
                    self.log.insert(place, self.log.pop())
            return found

    return Exact


def told(name: str, conditions: Conditions) -> tuple[list[Line], list[str]]:
    """Run a story; return what its clients saw, and what the kernel asked of the controller."""
    loop = JumpingLoop()
    try:
        return loop.run_until_complete(_story(loop, name, conditions))
    finally:
        loop.close()


async def _story(loop, name, conditions):
    driver, stories = _modules()
    clock = types.SimpleNamespace(monotonic=loop.time)
    driver.__dict__["time"] = clock
    air = Air(1, conditions, lambda: round(loop.time() * 1000))
    control = await asyncio.start_server(Control(air).serve, "127.0.0.1", 0)
    port = control.sockets[0].getsockname()[1]
    async with SystemBus(air) as bus:
        driver.TARGET["air"] = (bus.address, port)
        world = _exact(driver.World, driver.MessageType)("air")
        world.slow = 1.5  # the pace of the recording
        await world.open()
        await asyncio.wait_for(stories.S[name](world), 220)
        controller = await world.ctl(cmd="log")
        await world.close()
        await asyncio.sleep(0.1)
    control.close()
    await control.wait_closed()
    lines = [Line(at_s, who, normal(words)) for at_s, who, words in world.log]
    return lines, controller


def first_difference(real: list[Line], ours: list[Line]) -> str:
    """Return "" if both say the same in the same order, or else where they part.

    The recording's driver notes an answer when the task that waits for it wakes up: signals that
    came in the same read are noted before it.  So an answer of ours may stand before signals of
    the same moment that the recording has in front of it; nothing else may move.
    """
    left = list(real)
    for index, line in enumerate(ours):
        place = _place_of(line, left)
        if place is None:
            expected = left[0] if left else None
            return f"line {index + 1}\n  real: {_shown(expected)}\n  air:  {_shown(line)}"
        del left[place]
    return f"missing\n  real: {_shown(left[0])}" if left else ""


def _place_of(line: Line, left: list[Line]) -> int | None:
    for place, other in enumerate(left):
        if (other.who, other.words) == (line.who, line.words):
            moment = other.at_s - left[0].at_s
            return place if not place or (line.is_answer and moment <= SAME_MOMENT_S) else None
        if not (line.is_answer and other.is_signal):
            return None
    return None


def _shown(line: Line | None) -> str:
    return "nothing more" if line is None else f"{line.at_s:.2f} {line.who} {line.words}"
