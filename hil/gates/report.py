"""A trial of the exit gates as Markdown that can be signed, and as JUnit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from badge.host.files import whole_file
from badge.host.junit import JunitCase
from badge.words import counted
from hil.gates.figures import Samples
from hil.gates.law import BEYOND_M, SURE_M
from hil.gates.trial import GateResult, Trial

_BAR_WIDTH = 40
_MARKS = {SURE_M: "<- at least 85 %", BEYOND_M: "<- below 50 %"}


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
        if plot := plot_of(result):
            lines += ["", "```text", plot, "```"]
        for note in result.measured.notes:
            lines += ["", note]
        lines += _samples(result.samples)
    lines += ["", "Signed off by: ______________________  on: ____________", ""]
    return "\n".join(lines)


def _samples(samples: Samples) -> list[str]:
    if not samples:
        return []
    names = list(samples[0])
    lines = [
        "",
        counted(len(samples), "sample"),
        "",
        f"| {' | '.join(names)} |",
        "|---" * len(names) + "|",
    ]
    return [*lines, *(f"| {' | '.join(str(one[name]) for name in names)} |" for one in samples)]


def cases(trial: Trial) -> list[JunitCase]:
    """Return one JUnit case for each figure, and one for each gate's samples, one on a line."""
    found: list[JunitCase] = []
    for result in trial.results:
        group = f"gate {result.key}"
        share_s = result.seconds / max(len(result.figures), 1)
        for figure in result.figures:
            words = f"{figure.name}: {figure.value}, wanted {figure.wanted}"
            failure = "" if figure.met else words
            found.append(JunitCase(group, f"{group}: {figure.name}", failure, words, share_s))
        lines = [json.dumps(sample, ensure_ascii=False) for sample in result.samples]
        kept = [*result.measured.notes, *lines]
        if kept:
            name = f"{group}: {counted(len(lines), 'sample')}"
            found.append(JunitCase(group, name, output="\n".join(kept)))
    return found


def write_report(path: Path, text: str) -> None:
    """Write a report whole."""
    with whole_file(path) as file:
        file.write(text.encode())


def plot_of(result: GateResult) -> str:
    """Return the shares of cycles as bars of text, empty if there are none."""
    shares = result.measured.shares
    return bars(shares, _MARKS) if shares else ""


def bars(shares: Mapping[int, float], marks: Mapping[int, str]) -> str:
    """Draw shares 0…1 by metres as bars of text, one line each."""
    lines: list[str] = []
    for metres, share in shares.items():
        bar = "█" * round(share * _BAR_WIDTH)
        line = f"{metres:>4} m {bar:<{_BAR_WIDTH}} {share:>4.0%}  {marks.get(metres, '')}"
        lines.append(line.rstrip())
    return "\n".join(lines)
