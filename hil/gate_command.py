"""`badge gate`: the exit gates, with a report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from badge.errors import InputError
from badge.host import terminal
from badge.host.door import EXIT_DIFFERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hil.gates import Gate, Trial

_FILE = click.Path(dir_okay=False, path_type=Path)
FIRMWARE = "1.0.0"


@click.command()
@click.argument("gates", nargs=-1, metavar="[1-5|outage|all]...")
@click.option("--on", "where", default="virtual", show_default=True, help="Where they are run.")
@click.option("--seed", default=0, show_default=True, help="Of the virtual world.")
@click.option("--report", type=_FILE, help="A Markdown report with every figure and sample.")
@click.option("--junit", type=_FILE, help="The same for continuous integration.")
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON.")
def gate(
    gates: tuple[str, ...],
    where: str,
    seed: int,
    report: Path | None,
    junit: Path | None,
    as_json: bool,
) -> None:
    """Run the exit gates of the contract (section 5); without an argument all of them.

    Virtual gates run in simulated time on the models of the world: the reference badge, its
    flash, radio, receiver and network. Exit code 1: a gate is not passed.
    """
    from hil.gates import Trial, cases, markdown, write_report
    from hil.junit import write_junit

    if where != "virtual":
        raise InputError(f"--on {where}: gates run on virtual; see docs/firmware.md for devices")
    trial = Trial("virtual", _virtual_gates(), seed)
    keys = _keys(gates, list(trial.gates))
    with terminal.progress() as bar:
        task = bar.add_task("gates", total=len(keys), word="")
        for key in keys:
            bar.update(task, word=f"gate {key}")
            trial.run(key)
            bar.advance(task)
    if report is not None:
        write_report(report, markdown(trial, FIRMWARE))
    if junit is not None:
        write_junit(junit, "badge gate", cases(trial))
    if as_json:
        terminal.print_json(_document(trial))
    else:
        _print(trial, report)
    if not trial.passed:
        raise click.exceptions.Exit(EXIT_DIFFERS)


def _virtual_gates() -> Mapping[str, Gate]:
    try:
        from hil.gates_virtual import GATES
    except ImportError as error:
        raise InputError(
            f"--on virtual: {error}; the virtual world needs the package numpy"
        ) from None
    return GATES


def _keys(asked: tuple[str, ...], known: list[str]) -> list[str]:
    if not asked or "all" in asked:
        return known
    for key in asked:
        if key not in known:
            raise InputError(f"gate {key!r}: unknown; write one of: {', '.join(known)}, all")
    return [key for key in known if key in asked]


def _document(trial: Trial) -> dict[str, object]:
    return {
        "passed": trial.passed,
        "seed": trial.seed,
        "gates": {
            result.key: {
                "title": result.title,
                "passed": result.passed,
                "seconds": round(result.seconds, 2),
                "figures": [
                    {"name": f.name, "value": f.value, "wanted": f.wanted, "met": f.met}
                    for f in result.figures
                ],
                "samples": list(result.samples),
            }
            for result in trial.results
        },
    }


def _print(trial: Trial, report: Path | None) -> None:
    screen = terminal.out()
    rows = [
        (result.key, figure.name, figure.value, figure.wanted, "met" if figure.met else "NOT MET")
        for result in trial.results
        for figure in result.figures
    ]
    screen.print(terminal.table("", ("gate", "figure", "measured", "wanted", ""), rows))
    for result in trial.results:
        if result.plot:
            screen.print(f"\n{result.title}\n{result.plot}", markup=False)
    screen.print()
    seconds = sum(result.seconds for result in trial.results)
    verdict = "passed" if trial.passed else "NOT passed"
    screen.print(
        f"{verdict} in {seconds:.1f} s", style="bold green" if trial.passed else "bold red"
    )
    if report is not None:
        screen.print(f"report: {report}", soft_wrap=True)
