"""The exit gates of contract section 5: figures, samples, and a report that can be signed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hil.dut.junit import Case

TITLES = {
    "1": "72 h continuous: five badges online, no reboot, event count as expected",
    "2": "GPS: 30 samples, at least 85 % within 15 m of the surveyed point",
    "3": "BLE: 100 cycles, at least 85 % detect the tag at 5 m and less than 50 % at 10 m",
    "4": "Uploads: 8 h, at least 95 % end in a confirmed 202",
    "5": "Power cut with 50 events queued: 50 of 50 arrive",
    "outage": "4-hour outage: nothing lost",
}

Samples = Sequence[Mapping[str, Any]]
_BAR_WIDTH = 40
_MARKS = {5: "<- at least 85 %", 10: "<- below 50 %"}


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number, what it had to be, and whether it was."""

    name: str
    value: str
    wanted: str
    met: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """Figures and the samples behind them; `notes` say what the samples do not show.

    `shares` is gate 3's: of the cycles at each distance in metres, how many detect the tag.
    """

    figures: tuple[Figure, ...]
    samples: Samples = ()
    shares: Mapping[int, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What a gate came to, under its key."""

    key: str
    outcome: Outcome
    seconds: float = 0.0

    @property
    def figures(self) -> tuple[Figure, ...]:
        """What was measured."""
        return self.outcome.figures

    @property
    def samples(self) -> Samples:
        """The single measurements behind the figures."""
        return self.outcome.samples

    @property
    def plot(self) -> str:
        """The shares of cycles as bars of text, empty if there are none."""
        return bars(self.outcome.shares, _MARKS) if self.outcome.shares else ""

    @property
    def passed(self) -> bool:
        """Whether every figure is met."""
        return all(figure.met for figure in self.figures)

    @property
    def title(self) -> str:
        """The gate in the contract's words."""
        return TITLES[self.key]


Tell = Callable[[float, str], None]
Gate = Callable[[Tell], Outcome]


def silent(share: float, words: str) -> None:
    """Tell nobody how far it is."""


@dataclass(slots=True)
class Trial:
    """Gates that can be run somewhere: `where` in words, `gates` by their key."""

    where: str
    gates: Mapping[str, Gate]
    firmware_version: str = "1.0.0"
    begun: str = ""  # UTC, where the clock matters
    results: list[Result] = field(default_factory=list)

    def run(self, key: str, tell: Tell = silent) -> Result:
        """Run one gate; `tell` hears how far it is, 0…1 and in words."""
        begun_s = time.perf_counter()
        outcome = self.gates[key](tell)
        seconds = time.perf_counter() - begun_s
        result = Result(key, outcome, seconds)
        self.results.append(result)
        return result

    @property
    def passed(self) -> bool:
        """Whether all that was run has passed."""
        return all(result.passed for result in self.results)


def at_least(name: str, value: float, least: float, unit: str = "") -> Figure:
    """A figure that must not be smaller."""
    return Figure(name, f"{value:g}{unit}", f"at least {least:g}{unit}", value >= least)


def at_most(name: str, value: float, most: float, unit: str = "") -> Figure:
    """A figure that must not be greater."""
    return Figure(name, f"{value:g}{unit}", f"at most {most:g}{unit}", value <= most)


def below(name: str, value: float, limit: float, unit: str = "") -> Figure:
    """A figure that must be smaller."""
    return Figure(name, f"{value:g}{unit}", f"less than {limit:g}{unit}", value < limit)


def exactly(name: str, value: float, wanted: float, unit: str = "") -> Figure:
    """A figure that must be met."""
    return Figure(name, f"{value:g}{unit}", f"{wanted:g}{unit}", value == wanted)


def markdown(trial: Trial) -> str:
    """Return the report; every figure is there, and the samples behind it."""
    verdict = "passed" if trial.passed else "NOT passed"
    lines = [
        f"# Exit gates, {trial.where}: {verdict}",
        "",
        f"Firmware {trial.firmware_version}." + (f" Begun {trial.begun}." if trial.begun else ""),
        "",
        "| gate | | figure | measured | wanted |",
        "|---|---|---|---|---|",
    ]
    for result in trial.results:
        for figure in result.figures:
            mark = "met" if figure.met else "**NOT met**"
            row = (result.key, mark, figure.name, figure.value, figure.wanted)
            lines.append(f"| {' | '.join(row)} |")
    for result in trial.results:
        lines += ["", f"## Gate {result.key}. {result.title}", ""]
        lines.append(f"{'Passed' if result.passed else 'NOT passed'} in {result.seconds:.1f} s.")
        if result.plot:
            lines += ["", "```text", result.plot, "```"]
        for note in result.outcome.notes:
            lines += ["", note]
        lines += _samples(result.samples)
    lines += ["", "Signed off by: ______________________  on: ____________", ""]
    return "\n".join(lines)


def _samples(samples: Sequence[Mapping[str, Any]]) -> list[str]:
    if not samples:
        return []
    names = list(samples[0])
    lines = [
        "",
        f"{len(samples)} samples",
        "",
        f"| {' | '.join(names)} |",
        "|---" * len(names) + "|",
    ]
    return [*lines, *(f"| {' | '.join(str(one[name]) for name in names)} |" for one in samples)]


def cases(trial: Trial) -> list[Case]:
    """Return one JUnit case for each figure, and one for each gate's samples, one on a line."""
    found: list[Case] = []
    for result in trial.results:
        group = f"gate {result.key}"
        share_s = result.seconds / max(len(result.figures), 1)
        for figure in result.figures:
            words = f"{figure.name}: {figure.value}, wanted {figure.wanted}"
            failure = "" if figure.met else words
            found.append(Case(group, f"{group}: {figure.name}", failure, words, share_s))
        lines = [json.dumps(sample, ensure_ascii=False) for sample in result.samples]
        kept = [*result.outcome.notes, *lines]
        if kept:
            name = f"{group}: {len(lines)} samples"
            found.append(Case(group, name, output="\n".join(kept)))
    return found


def write_report(path: Path, text: str) -> None:
    """Write a report whole."""
    path.write_text(text, encoding="utf-8")


def bars(shares: Mapping[int, float], marks: Mapping[int, str]) -> str:
    """Draw shares 0…1 by metres as bars of text, one line each."""
    lines: list[str] = []
    for metres, share in shares.items():
        bar = "█" * round(share * _BAR_WIDTH)
        line = f"{metres:>4} m {bar:<{_BAR_WIDTH}} {share:>4.0%}  {marks.get(metres, '')}"
        lines.append(line.rstrip())
    return "\n".join(lines)
