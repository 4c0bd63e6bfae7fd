"""A device on the bench: power, reset, a console to feed it, and judgement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hil.dut.bench import BenchCard, BenchIngest
from hil.dut.console import ConsoleLines
from hil.dut.drivers import DeviceDriver, Setup, driver_of
from hil.dut.judge import Verdict, judge_events
from hil.dut.stimulus import expected_events

LINE_TIMEOUT_S = 30.0  # a jump of a day is some hundred thousand decisions of a slow chip


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
    _driver: DeviceDriver | None = None
    _lines: ConsoleLines | None = None

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
        self._lines = None

    def reset(self) -> None:
        """Reset it: by its own command, or by its power."""
        self.driver.reset()
        self._lines = None

    def close(self) -> None:
        """Switch it off and let go of everything."""
        self._lines = None
        self.driver.close()

    # -- console -----------------------------------------------------------------------------

    def say(self, line: str | bytes) -> None:
        """Send one line to its console."""
        data = line.encode() if isinstance(line, str) else line
        self.driver.console().send(data.rstrip(b"\n") + b"\n")

    def hear(self, timeout_s: float = LINE_TIMEOUT_S) -> str:
        """Return the next line of its console; AssertionError if none comes."""
        driver = self.driver
        if self._lines is None:
            self._lines = ConsoleLines(driver.console())
        line = self._lines.next(timeout_s, lambda: driver.ended() is not None)
        if line is None:
            status = driver.ended()
            assert status is None, f"the device ended with {status}"
            raise AssertionError(f"the device said nothing for {timeout_s:g} s")
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
        self.verdict = judge_events(wanted, events, tolerance_s=tolerance_s, ignore=ignore)
        return self.verdict
