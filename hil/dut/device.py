"""A device on the bench: power, reset, a console to feed it, and judgement."""

from __future__ import annotations

import os
import select
import shlex
import signal
import subprocess
import sys
import time
import tty
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from badge.errors import InputError
from hil.dut.bench import BenchCard, BenchIngest
from hil.dut.judge import Verdict, judge
from hil.dut.stimulus import expected_events

LINE_TIMEOUT_S = 30.0
_STOP_TIMEOUT_S = 5.0
_COMMAND_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Setup:
    """How to reach a device: a program that is one, or commands that switch a real one.

    In each, `{notecard}`, `{console}`, `{state}` (a folder that lasts for the test) and
    `{python}` (the one that runs the tests) are filled in.  A labgrid place is two commands:
    `labgrid-client -p PLACE power on` and `off`.
    """

    command: str = ""
    power_on: str = ""
    power_off: str = ""
    reset: str = ""
    console: str = ""


@dataclass(slots=True)
class DeviceUnderTest:
    """A device that speaks to the bench's Notecard, and whose events arrive at its ingest.

    `verdict` is the last judgement; a failing test's report names its first wrong event.
    """

    setup: Setup
    card: BenchCard
    ingest: BenchIngest
    state: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    arguments: Sequence[str] = ()  # more words for the command
    verdict: Verdict | None = None
    _process: subprocess.Popen[bytes] | None = None
    _console: int = -1
    _far_end: int = -1
    _pending: bytes = b""

    # -- power -------------------------------------------------------------------------------

    def power_on(self) -> None:
        """Give it power."""
        if self.setup.command:
            if self._process is None:
                self._open_console()
                words = [*self._filled(self.setup.command), *self.arguments]
                environment = {**os.environ, **self.environment}
                self._process = subprocess.Popen(words, env=environment)  # noqa: S603
        elif self.setup.power_on:
            self._run(self.setup.power_on)

    def power_off(self) -> None:
        """Take its power away, without a word to it."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(_STOP_TIMEOUT_S)
            self._process = None
            self._close_console()
        elif self.setup.power_off:
            self._run(self.setup.power_off)

    def reset(self) -> None:
        """Reset it: by its own command, or by its power."""
        if self.setup.reset:
            self._run(self.setup.reset)
            return
        self.power_off()
        self.power_on()

    def close(self) -> None:
        """Switch it off and let go of everything."""
        self.power_off()
        self._close_console()

    def _filled(self, command: str) -> Sequence[str]:
        names = {
            "notecard": self.card.path,
            "state": str(self.state),
            "console": self._name(),
            "python": sys.executable,
        }
        return [word.format_map(names) for word in shlex.split(command)]

    def _run(self, command: str) -> None:
        words = self._filled(command)
        try:
            done = subprocess.run(words, timeout=_COMMAND_TIMEOUT_S, check=False)  # noqa: S603
        except (OSError, subprocess.TimeoutExpired) as error:
            raise InputError(f"device: {command}: {error}") from None
        if done.returncode:
            raise InputError(f"device: {command}: it ended with {done.returncode}")

    # -- console -----------------------------------------------------------------------------

    def _open_console(self) -> None:
        if self._console >= 0:
            return
        if self.setup.console:
            self._console = os.open(self.setup.console, os.O_RDWR | os.O_NOCTTY)
            tty.setraw(self._console)
            return
        self._console, self._far_end = os.openpty()
        tty.setraw(self._far_end)

    def _close_console(self) -> None:
        for descriptor in (self._console, self._far_end):
            if descriptor >= 0:
                os.close(descriptor)
        self._console = self._far_end = -1
        self._pending = b""

    def _name(self) -> str:
        if self._far_end >= 0:
            return os.ttyname(self._far_end)
        return self.setup.console

    def say(self, line: str | bytes) -> None:
        """Send one line to its console."""
        self._open_console()
        data = (line.encode() if isinstance(line, str) else line).rstrip(b"\n") + b"\n"
        while data:
            data = data[os.write(self._console, data) :]

    def hear(self, timeout_s: float = LINE_TIMEOUT_S) -> str:
        """Return the next line of its console; AssertionError if none comes."""
        self._open_console()
        until_s = time.monotonic() + timeout_s
        while b"\n" not in self._pending:
            left_s = until_s - time.monotonic()
            assert left_s > 0, f"the device said nothing for {timeout_s:g} s"
            ready, _, _ = select.select([self._console], [], [], min(left_s, 0.2))
            if ready:
                self._pending += os.read(self._console, 65536)
            elif self._process is not None and self._process.poll() is not None:
                raise AssertionError(f"the device ended with {self._process.returncode}")
        line, _, self._pending = self._pending.partition(b"\n")
        return line.decode(errors="replace").strip()

    def feed(self, stimulus: Path) -> None:
        """Send a recording line by line; the device answers each with `ok` when it is through.

        Events in it (`out`) are not sent.  For devices with such a test console; see
        docs/firmware.md.
        """
        with stimulus.open("rb") as file:
            for line in file:
                if b'"out":' not in line[:40]:
                    self.say(line)
                    answer = self.hear()
                    assert answer == "ok", f"the device answers {answer!r} to {line[:60]!r}"

    # -- judgement ---------------------------------------------------------------------------

    def judge(
        self, stimulus: Path, *, tolerance_s: float = 2.0, ignore: Sequence[str] = ()
    ) -> Verdict:
        """Compare what has arrived with what the reference logs; false if there are findings."""
        wanted = expected_events(stimulus)
        device_id = wanted[0].event["device_id"] if wanted else None
        events = self.ingest.arrivals(device_id)
        self.verdict = judge(wanted, events, tolerance_s=tolerance_s, ignore=ignore)
        return self.verdict
