"""`badge gate`: the exit gates, with a report."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from badge.cli import terminal
from badge.cli.exits import EXIT_DIFFERS
from badge.cli.options import Finite, RenamedOption
from badge.entry import timestamp
from badge.errors import InputError
from badge.words import counted
from hil.app.options import RunOptions, uplink_option

if TYPE_CHECKING:
    from rich.progress import TaskID

    from badge.config import BadgeConfig
    from hil.gates.trial import Gate, GateOptions, Trial

_FILE = click.Path(dir_okay=False, path_type=Path)
_INPUT = click.Path(dir_okay=False, exists=True, path_type=Path)
FIRMWARE = "1.0.0"
KEYS = ("1", "2", "3", "4", "5", "outage")


@click.command()
@click.argument("gates", nargs=-1, metavar="[1-5|outage|all]...")
@click.option(
    "--on",
    "where",
    default="virtual",
    show_default=True,
    metavar="WHERE",
    help="virtual, real (this computer is the badge), or a device: serial:/dev/ttyUSB1 (it "
    "prints its events), ingest:8000 (it uploads them here) or a file of events.",
)
@click.option("--seed", default=0, show_default=True, help="Of the virtual world.")
@click.option("--hours", type=Finite(min=0, min_open=True), help="Shorten 1, 4, outage.")
@click.option("--at", "place", metavar="LAT,LON", help="Gate 2: the surveyed point.")
@click.option("--tag", metavar="MAC", help="Gate 3; else the configuration's first.")
@click.option("--metres", default="5,10", show_default=True, help="Gate 3; 1-15 is all.")
@click.option("--hands", default="", metavar="COMMAND", help="Does what else a person is asked.")
@click.option("--notecard", "notecards", multiple=True, help="real: serial:…; one per badge.")
@click.option("--scanner", default="none", show_default=True, help="real: bleak or bleak:hci0")
@click.option("--config", "configs", multiple=True, type=_INPUT, help="A device_config.json.")
@click.option("--flash", "flashes", multiple=True, type=_FILE, help="real: [badge.flash]")
@uplink_option
@click.option("--route", default="ingest", show_default=True, help="real: the proxy route.")
@click.option("--product", help="real: Notehub's ProductUID.")
@click.option("--worker", default="W-007", show_default=True, help="real: who wears it.")
@click.option("--firmware", default=FIRMWARE, show_default=True, help="As the report names it.")
@click.option(
    "--out",
    "report",
    cls=RenamedOption,
    old_names=("--report",),
    type=_FILE,
    help="A Markdown report with every figure and sample.",
)
@click.option("--junit", type=_FILE, help="The same for continuous integration.")
@click.option("--view", type=_FILE, help="The same as a page: badge view in one file.")
@click.option("--plot", type=_FILE, help="Gate 3 as a picture: .svg, .png or .pdf")
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON.")
def gate(
    gates: tuple[str, ...],
    where: str,
    report: Path | None,
    junit: Path | None,
    view: Path | None,
    plot: Path | None,
    as_json: bool,
    **options: Any,  # as click read them; `GateQuestions` has their types
) -> None:
    """Run the exit gates of the contract (section 5); without an argument all of them.

    Virtual gates run in simulated time on the models of the world: the reference badge, its
    flash, radio, receiver and network. Real ones and those of a device run by the clock, and ask
    for hands where a tag is to be placed or power to be cut. Exit code 1: a gate is not passed.
    """
    from badge.host.files import refuse_overwriting
    from hil.gates.trial import Trial

    keys, asked = _keys(gates), GateQuestions(**options)
    refuse_overwriting([Path(where), *asked.configs, *asked.flashes], [report, junit, view, plot])
    if plot is not None:
        from hil.gates.plot import check_plot

        check_plot(plot)
        if "3" not in keys:
            raise InputError(f"--plot {plot}: only gate 3 is drawn; ask for it, too")
    with _stage(where, asked, keys) as stage:
        begun = "" if where == "virtual" else timestamp(time.time_ns() // 10**9)
        trial = Trial(_words(where, asked), stage, asked.firmware, begun)
        try:
            _run(trial, keys)
        finally:  # three days of gate 1 are not lost because gate 3 was interrupted
            _write(trial, report, junit, plot)
            if view is not None:
                from sim.view.keep import keep_report

                keep_report(_document(trial), f"badge gate {trial.where}", view)
    if as_json:
        terminal.print_json(_document(trial))
    else:
        _print(
            trial,
            [path for path in (report, junit, view, plot) if path is not None and path.exists()],
        )
    if not trial.passed:
        raise click.exceptions.Exit(EXIT_DIFFERS)


def _keys(asked: tuple[str, ...]) -> list[str]:
    if not asked or "all" in asked:
        return list(KEYS)
    for key in asked:
        if key not in KEYS:
            raise InputError(f"gate {key!r}: unknown; write one of: {', '.join(KEYS)}, all")
    return [key for key in KEYS if key in asked]


def _run(trial: Trial, keys: list[str]) -> None:
    with terminal.progress() as bar:
        for key in keys:
            task = bar.add_task(f"gate {key}", total=1.0, word="")

            def tell(share: float, words: str, task: TaskID = task) -> None:
                bar.update(task, completed=share, word=words)

            trial.run(key, tell)
            bar.update(task, completed=1.0, word="")


# -- where ---------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, slots=True)
class GateQuestions:
    """The options of the command, as they were written."""

    seed: int
    hours: float | None
    place: str | None
    tag: str | None
    metres: str
    hands: str
    notecards: tuple[str, ...]
    scanner: str
    configs: tuple[Path, ...]
    flashes: tuple[Path, ...]
    uplink: str
    route: str
    product: str | None
    worker: str
    firmware: str


@contextmanager
def _stage(where: str, asked: GateQuestions, keys: list[str]) -> Iterator[Mapping[str, Gate]]:
    if where == "virtual":
        from hil.gates import virtual

        yield virtual.gates(asked.seed, asked.hours)
    elif where == "real":
        from hil.gates import real

        options, badges = _options(asked), _badges(asked)
        real.check(options, badges, keys)
        _check_hands(asked, keys, "3")
        yield real.gates(options, badges)
    else:
        from hil.dut.feed import open_feed
        from hil.gates import dut

        options, config = _options(asked), _configs(asked, 1)[0]
        with open_feed(where) as feed:
            dut.check(options, config, feed, keys)
            _check_hands(asked, keys, "3", "5")
            if feed.line is not None:
                _say(f"the device is to upload to {feed.line.url}")
            yield dut.gates(options, config, feed)


def _check_hands(asked: GateQuestions, keys: list[str], *needing: str) -> None:
    from hil.gates.hands import check_hands

    if any(key in keys for key in needing):
        check_hands(asked.hands)


def _words(where: str, asked: GateQuestions) -> str:
    """Name what was measured, for the report."""
    if where == "virtual":
        return f"virtual, seed {asked.seed}"
    if where == "real":
        return f"real ({', '.join(asked.notecards)}; scanner {asked.scanner})"
    return f"device at {where}"


def _options(asked: GateQuestions) -> GateOptions:
    from badge.contract.macs import normal_mac
    from hil.clock import SystemClock
    from hil.gates.hands import hands_of
    from hil.gates.places import read_metres, read_place
    from hil.gates.trial import GateOptions

    return GateOptions(
        at=None if asked.place is None else read_place(asked.place),
        tag=None if asked.tag is None else normal_mac(asked.tag, "--tag"),
        metres=read_metres(asked.metres),
        hours=asked.hours,
        hands=hands_of(asked.hands),
        say=_say,
        clock=SystemClock(),
    )


def _badges(asked: GateQuestions) -> list[RunOptions]:
    notecards = asked.notecards
    if not notecards:
        raise InputError("--on real needs a card: --notecard serial:/dev/ttyACM0; see badge probe")
    count = len(notecards)
    flashes = asked.flashes or (Path("badge.flash"),)
    if len(flashes) != count:
        raise InputError(f"{count} --notecard, but {len(flashes)} --flash: one for each badge")
    configs = _configs(asked, count)
    if len({config.device_id for config in configs}) != count:
        raise InputError("two --config have the same device_id: each badge has its own")
    return [
        RunOptions(
            notecard,
            asked.scanner,
            config,
            flash,
            uplink=asked.uplink,
            route=asked.route,
            product=asked.product,
            worker=asked.worker,
            firmware_version=asked.firmware,
        )
        for notecard, config, flash in zip(notecards, configs, flashes, strict=True)
    ]


def _configs(asked: GateQuestions, count: int) -> list[BadgeConfig]:
    from badge.host.config_file import read_config_file, read_settings

    if not asked.configs and count == 1:
        return [read_settings()]
    if len(asked.configs) != count:
        raise InputError(
            f"{counted(count, 'badge')}, but {len(asked.configs)} --config: one for each"
        )
    return [read_config_file(path) for path in asked.configs]


def _say(text: str) -> None:
    terminal.err().print(text, markup=False, soft_wrap=True)


# -- the report ----------------------------------------------------------------------------------


def _write(trial: Trial, report: Path | None, junit: Path | None, plot: Path | None) -> None:
    from badge.host.junit import write_junit
    from hil.gates.report import cases, markdown, write_report

    if report is not None:
        write_report(report, markdown(trial))
    if junit is not None:
        write_junit(junit, "badge gate", cases(trial))
    drawn = [one.measured.shares for one in trial.results if one.measured.shares]
    if plot is not None and drawn:
        from hil.gates.plot import draw

        draw(plot, drawn[0], trial.where)


def _document(trial: Trial) -> dict[str, object]:
    return {
        "passed": trial.passed,
        "where": trial.where,
        "gates": {
            result.key: {
                "title": result.title,
                "passed": result.passed,
                "seconds": round(result.seconds, 2),
                "figures": [dataclasses.asdict(figure) for figure in result.figures],
                "samples": list(result.samples),
                "shares": {str(metres): one for metres, one in result.measured.shares.items()},
                "notes": list(result.measured.notes),
            }
            for result in trial.results
        },
    }


def _print(trial: Trial, files: list[Path]) -> None:
    from hil.gates.report import plot_of

    screen = terminal.out()
    rows = [
        (result.key, figure.name, figure.value, figure.wanted, "met" if figure.met else "NOT MET")
        for result in trial.results
        for figure in result.figures
    ]
    screen.print(terminal.table("", ("gate", "figure", "measured", "wanted", ""), rows))
    for result in trial.results:
        if plot := plot_of(result):
            screen.print(f"\n{result.title}\n{plot}", markup=False)
        for note in result.measured.notes:
            screen.print(f"gate {result.key}: {note}", markup=False)
    screen.print()
    seconds = sum(result.seconds for result in trial.results)
    verdict = "passed" if trial.passed else "NOT passed"
    style = "bold green" if trial.passed else "bold red"
    screen.print(f"{verdict} in {seconds:.1f} s", style=style)
    for path in files:
        screen.print(f"written: {path}", soft_wrap=True)
