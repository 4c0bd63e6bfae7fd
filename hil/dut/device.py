"""A device on the bench: power, reset, a console to feed it, and judgement."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from badge.host.recording_file import RecordingFile
from badge.recording.format import Happened, header_document, input_document
from badge.recording.format import line as line_of
from hil.dut.bench import BenchCard, BenchIngest
from hil.dut.drivers.console import ConsoleLines
from hil.dut.drivers.open import driver_of
from hil.dut.drivers.ports import DeviceDriver, Setup
from hil.dut.judge import Verdict, judge_events
from hil.dut.stimulus import read_stimulus

LINE_TIMEOUT_S = 30.0  # a jump of a day is some hundred thousand decisions of a slow chip
# The first line waits for the boot, too: on a busy computer a program is long in starting.
START_TIMEOUT_S = 120.0
_SHOWN = 60


class PowerCutError(AssertionError):
    """The power went at the write that `cut_power_at_write` named; the device is off."""


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
    fed_ms: int | None = None
    _driver: DeviceDriver | None = None
    _lines: ConsoleLines | None = None
    _has_spoken: bool = False  # since it got power

    # -- power -------------------------------------------------------------------------------

    @property
    def driver(self) -> DeviceDriver:
        """How it gets power and a console, by its `setup` of the moment when first asked."""
        if self._driver is None:
            self._driver = driver_of(
                self.setup,
                notecard=self.card.path,
                state=str(self.state),
                arguments=self.arguments,
                environment=self.environment,
            )
        return self._driver

    def power_on(self) -> None:
        """Give it power."""
        self.driver.power_on()

    def power_off(self) -> None:
        """Take its power away, without a word to it."""
        self.driver.power_off()
        self._lines, self._has_spoken = None, False

    def reset(self) -> None:
        """Reset it: by its own command, or by its power."""
        self.driver.reset()
        self._lines, self._has_spoken = None, False

    def cut_power_at_write(self, count: int) -> None:
        """Let the power go behind the `count`-th write to flash from now on, in mid-record.

        What is under way then (`feed`, `hear`) raises PowerCutError, and the device is off.  Under
        QEMU alone: MisuseError for any other device.
        """
        self.driver.cut_power_at_write(count)

    def close(self) -> None:
        """Switch it off and let go of everything."""
        self._lines = None
        if self._driver is not None:
            self._driver.close()

    # -- console -----------------------------------------------------------------------------

    def say(self, line: str | bytes) -> None:
        """Send one line to its console."""
        data = line.encode() if isinstance(line, str) else line
        self.driver.console().send(data.rstrip(b"\n") + b"\n")

    def hear(self, timeout_s: float = LINE_TIMEOUT_S) -> str:
        """Return the next line of its console; AssertionError if none comes."""
        __tracebackhide__ = True  # a test's report ends in the test, not here
        line = self._next(timeout_s)
        if line is None:
            self._check_alive()
            raise AssertionError(f"the device said nothing for {timeout_s:g} s")
        return line

    def _next(self, timeout_s: float) -> str | None:
        driver = self.driver
        if self._lines is None:
            self._lines = ConsoleLines(driver.console())
        line = self._lines.next(timeout_s, lambda: driver.ended() is not None)
        if line is None:
            return None
        self._has_spoken = True
        return line.decode(errors="replace").strip()

    def _check_alive(self) -> None:
        __tracebackhide__ = True
        status = self.driver.ended()
        if self.driver.was_cut():
            self.power_off()
            raise PowerCutError("the power was cut at a write to flash")
        assert status is None, f"the device ended with {status}"

    def feed(self, stimulus: Path, *, from_ms: int = 0, until_ms: int | None = None) -> None:
        """Send a recording line by line; the device answers each with `ok` when it is through.

        Events in it (`out`) are not sent.  For devices with the test console of docs/console.md.
        `until_ms` ends before that moment; `from_ms` goes on from there, without a header.
        `fed_ms` is the moment of the last line that was answered.  AssertionError if the device
        refuses a line, ends, or is not through in 30 s; InputError for a file that is no recording.
        """
        __tracebackhide__ = True
        with RecordingFile(stimulus) as file:
            if not from_ms:
                self._tell(line_of(header_document(file.header)))
            for line in file:
                if until_ms is not None and line.ms >= until_ms:
                    break
                if isinstance(line, Happened) and line.ms >= from_ms:
                    self._tell(line_of(input_document(line.ms, line.what)))
                    self.fed_ms = line.ms

    def _tell(self, line: bytes) -> None:
        """Send a line and wait for its answer; what the device logs before it is passed over."""
        __tracebackhide__ = True
        self.say(line)
        limit_s = LINE_TIMEOUT_S if self._has_spoken else START_TIMEOUT_S
        until_s = time.monotonic() + limit_s
        last = ""
        while (answer := self._next(until_s - time.monotonic())) is not None:
            if answer == "ok":
                return
            shown = line[:_SHOWN].decode(errors="replace").strip()
            assert not answer.startswith("error"), f"the device answers {answer!r} to {shown}"
            last = answer or last
        self._check_alive()
        heard = f"; it said last: {last!r}" if last else ""
        raise AssertionError(f"the device did not answer ok within {limit_s:g} s{heard}")

    # -- judgement ---------------------------------------------------------------------------

    def judge(
        self, stimulus: Path, *, tolerance_s: float = 2.0, ignore: Sequence[str] = ()
    ) -> Verdict:
        """Compare what has arrived with what the reference logs; false if there are findings."""
        wanted = read_stimulus(stimulus)
        self.verdict = judge_events(
            wanted.events,
            self.ingest.arrivals(wanted.config.device_id),
            tolerance_s=tolerance_s,
            ignore=ignore,
            uptime_save_s=wanted.config.uptime_save_s,
        )
        return self.verdict
