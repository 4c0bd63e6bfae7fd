"""The exit gates of contract section 5: figures, samples, and a report that can be signed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hil.junit import Case

TITLES = {
    "1": "72 h continuous: five badges online, no reboot, event count as expected",
    "2": "GPS: 30 samples, at least 85 % within 15 m of the surveyed point",
    "3": "BLE: 100 cycles, at least 85 % detect the tag at 5 m and less than 50 % at 10 m",
    "4": "Uploads: 8 h, at least 95 % end in a confirmed 202",
    "5": "Power cut with 50 events queued: 50 of 50 arrive",
    "outage": "4-hour outage: nothing lost",
}

_BAR_WIDTH = 40


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number, what it had to be, and whether it was."""

    name: str
    value: str
    wanted: str
    met: bool


@dataclass(frozen=True, slots=True)
class Result:
    """What a gate came to; `samples` are the single measurements behind the figures."""

    key: str
    figures: tuple[Figure, ...]
    samples: tuple[Mapping[str, Any], ...] = ()
    plot: str = ""
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether every figure is met."""
        return all(figure.met for figure in self.figures)

    @property
    def title(self) -> str:
        """The gate in the contract's words."""
        return TITLES[self.key]


Gate = Callable[[int], tuple[Sequence[Figure], Sequence[Mapping[str, Any]], str]]


@dataclass(slots=True)
class Trial:
    """Gates that can be run somewhere: `where` in words, `gates` by their key."""

    where: str
    gates: Mapping[str, Gate]
    seed: int = 0
    results: list[Result] = field(default_factory=list)

    def run(self, key: str) -> Result:
        """Run one gate."""
        begun_s = time.perf_counter()
        figures, samples, plot = self.gates[key](self.seed)
        seconds = time.perf_counter() - begun_s
        result = Result(key, tuple(figures), tuple(samples), plot, seconds)
        self.results.append(result)
        return result

    @property
    def passed(self) -> bool:
        """Whether all that was run has passed."""
        return all(result.passed for result in self.results)


def at_least(name: str, value: float, least: float, unit: str = "") -> Figure:
    """A figure that must not be smaller."""
    return Figure(name, f"{value:g}{unit}", f"at least {least:g}{unit}", value >= least)


def below(name: str, value: float, limit: float, unit: str = "") -> Figure:
    """A figure that must be smaller."""
    return Figure(name, f"{value:g}{unit}", f"less than {limit:g}{unit}", value < limit)


def exactly(name: str, value: float, wanted: float, unit: str = "") -> Figure:
    """A figure that must be met."""
    return Figure(name, f"{value:g}{unit}", f"{wanted:g}{unit}", value == wanted)


def markdown(trial: Trial, firmware_version: str) -> str:
    """Return the report; every figure is there, and the samples behind it."""
    verdict = "passed" if trial.passed else "NOT passed"
    lines = [
        f"# Exit gates, {trial.where}: {verdict}",
        "",
        f"Firmware {firmware_version}, seed {trial.seed}.",
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
    """Return one JUnit case for each figure."""
    found: list[Case] = []
    for result in trial.results:
        share_s = result.seconds / max(len(result.figures), 1)
        for figure in result.figures:
            words = f"{figure.name}: {figure.value}, wanted {figure.wanted}"
            failure = "" if figure.met else words
            name = f"gate {result.key}: {figure.name}"
            found.append(Case(f"gate {result.key}", name, failure, words, share_s))
    return found


def write_report(path: Path, text: str) -> None:
    """Write a report whole."""
    path.write_text(text, encoding="utf-8")


def bars(shares: Mapping[str, float], marks: Mapping[str, str]) -> str:
    """Draw shares 0…1 as bars of text, one line each."""
    lines: list[str] = []
    for name, share in shares.items():
        bar = "█" * round(share * _BAR_WIDTH)
        lines.append(f"{name:>6} {bar:<{_BAR_WIDTH}} {share:>4.0%}  {marks.get(name, '')}".rstrip())
    return "\n".join(lines)
