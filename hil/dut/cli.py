"""`badge judge`: what a device logged; `badge provision`: a device gets its configuration."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from badge.cli import terminal
from badge.cli.exits import EXIT_DIFFERS
from badge.cli.options import Finite
from badge.errors import InputError
from badge.words import counted

if TYPE_CHECKING:
    from badge.host.junit import JunitCase
    from hil.dut.judge import Verdict

_INPUT = click.Path(dir_okay=False, exists=True, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)
_SHOWN = 20


@click.command()
@click.option("--stimulus", required=True, type=_INPUT, help="A recording: what happened to it.")
@click.option(
    "--events",
    metavar="FILE",
    help="What it logged; sqlite:///badge-ingest.db: what badge serve keeps of it.",
)
@click.option("--core", type=_INPUT, help="Instead: a core in C, a library as badge_core.h has it.")
@click.option(
    "--tolerance",
    type=Finite(min=0),
    default=2.0,
    show_default=True,
    metavar="S",
    help="Seconds, ±.",
)
@click.option("--ignore", multiple=True, metavar="FIELD", help="Of envelope or payload.")
@click.option("--junit", type=_FILE, help="A report for continuous integration.")
@click.option("--view", type=_FILE, help="Both sides as a page: badge view in one file.")
@click.option("--json", "as_json", is_flag=True, help="The findings as JSON.")
def judge(
    stimulus: Path,
    events: str | None,
    core: Path | None,
    tolerance: float,
    ignore: tuple[str, ...],
    junit: Path | None,
    view: Path | None,
    as_json: bool,
) -> None:
    """Judge a device's events: missing, extra, wrong, late, wrongly numbered.

    The reference badge is fed with the inputs of the recording; the device's events are an
    NDJSON file of events, batches or recorded lines, or the database of badge serve. A
    previous_uptime_s may be off by the configuration's uptime_save_s, too. With --core the
    recording happens to that library, in a process of its own. Exit code 1: there are findings.
    """
    if (events is None) == (core is None):
        raise InputError("name what is judged: either --events FILE or --core LIBRARY")
    if core is not None:
        _judge_core(core, stimulus, tolerance, ignore, as_json)
        return
    assert events is not None
    from badge.host.files import refuse_overwriting
    from hil.dut.event_files import STORE, read_events
    from hil.dut.judge import judge_events
    from hil.dut.picture import keep_judged
    from hil.dut.stimulus import read_stimulus

    refuse_overwriting([stimulus, Path(events.removeprefix(f"{STORE}/"))], [junit, view])
    wanted = read_stimulus(stimulus)
    logged = read_events(events, wanted.config.device_id)
    _check_names(ignore, [*(line.event for line in wanted.events), *logged])
    verdict = judge_events(
        wanted.events,
        logged,
        tolerance_s=tolerance,
        ignore=ignore,
        uptime_save_s=wanted.config.uptime_save_s,
    )
    if junit is not None:
        from badge.host.junit import write_junit

        write_junit(junit, "badge judge", cases_of(verdict))
    if view is not None:
        keep_judged(verdict, logged, view)
    if as_json:
        terminal.print_json(document_of(verdict))
    else:
        _print(verdict, events)
    if not verdict:
        raise click.exceptions.Exit(EXIT_DIFFERS)


def _judge_core(
    core: Path, stimulus: Path, tolerance: float, ignore: Sequence[str], as_json: bool
) -> None:
    from badge.host.firmware.process import CoreFailureError
    from hil.dut.core import CoreUnderTest

    try:
        verdict = CoreUnderTest(core).judge(stimulus, tolerance_s=tolerance, ignore=ignore)
    except CoreFailureError as error:
        if as_json:
            terminal.print_json({"failure": error.how, "at": error.given})
        else:
            click.echo(str(error), err=True)
        raise click.exceptions.Exit(EXIT_DIFFERS) from None
    if as_json:
        terminal.print_json(document_of(verdict))
    else:
        _print(verdict, str(core))
    if not verdict:
        raise click.exceptions.Exit(EXIT_DIFFERS)


def _check_names(ignore: Sequence[str], events: Sequence[object]) -> None:
    """Refuse a field that no event has: it is a slip, and the field it means would be compared."""
    known = {"payload"}
    for event in events:
        if isinstance(event, dict):
            payload = event.get("payload")
            inner = payload if isinstance(payload, dict) else {}
            known |= {*event, *inner, *(f"payload.{name}" for name in inner)}
    for name in ignore:
        if events and name not in known:
            raise InputError(f"--ignore {name}: no event has such a field")


def document_of(verdict: Verdict) -> dict[str, object]:
    """Return a verdict as JSON values."""
    from hil.dut.picture import findings_of

    return {
        "wanted": verdict.wanted,
        "logged": verdict.logged,
        "paired": verdict.paired,
        "resent": verdict.resent,
        "latest_s": verdict.latest_s,
        "counts": verdict.counts,
        "findings": findings_of(verdict),
    }


def cases_of(verdict: Verdict) -> Sequence[JunitCase]:
    """Return one JUnit case for each event that was wanted, and one for each other finding."""
    from badge.host.junit import JunitCase

    by_event: dict[int, list[str]] = {}
    others: list[JunitCase] = []
    for one in verdict.findings:
        if one.wanted is None:
            name = f"{one.kind} {one.event_type} {one.at}"
            others.append(JunitCase("device", name, str(one)))
        else:
            by_event.setdefault(id(one.wanted), []).append(str(one))
    cases = [
        JunitCase(
            str(event["event_type"]),
            f"{event['event_type']} {event['timestamp_utc']} #{number}",
            "\n".join(by_event.get(id(event), [])),
        )
        for number, event in enumerate(verdict.expected, 1)
    ]
    return [*cases, *others]


def _print(verdict: Verdict, events: str) -> None:
    screen = terminal.out()
    resent = f", {verdict.resent} sent again" if verdict.resent else ""
    logged = counted(verdict.logged, "event")
    measure = f"{logged}{resent}; {verdict.wanted:,} wanted, {verdict.paired:,} paired"
    if verdict:
        words = f"{events}: as it should be. {measure}; latest {verdict.latest_s:g} s"
        screen.print(words, soft_wrap=True)
        return
    # On the stimulus' clock, too, where the terminal has room for it.
    wide = screen.width >= terminal.ROOM_FOR_MS
    heads = ("finding", "event", "at", *(("ms",) if wide else ()), "what")
    rows = [
        (one.kind, one.event_type, one.at, *((_ms(one.ms),) if wide else ()), one.text)
        for one in verdict.findings[:_SHOWN]
    ]
    screen.print(
        f"{events}: {counted(len(verdict.findings), 'finding')}. {measure}", soft_wrap=True
    )
    screen.print(terminal.table("", heads, rows))
    if len(verdict.findings) > _SHOWN:
        screen.print(f"… and {len(verdict.findings) - _SHOWN} more (--json or --junit has them)")


def _ms(ms: int | None) -> str:
    return "?" if ms is None else str(ms)


@click.command()
@click.option("--port", required=True, help="The device's console: serial:/dev/ttyUSB1[:115200]")
@click.option("--config", "config_file", required=True, type=_INPUT, help="device_config.json")
def provision(port: str, config_file: Path) -> None:
    """Write a configuration to a device and check that it boots with it within 30 s.

    The api_key goes to the device and is printed nowhere.
    """
    from badge.host.config_file import read_config_file
    from hil.dut.drivers.console import SerialConsole
    from hil.dut.provision import provision as write

    config = read_config_file(config_file)
    console = SerialConsole(port)
    try:
        with terminal.err().status("writing, then waiting for the reboot"):
            event = write(console, config)
    finally:
        console.close()
    terminal.out().print(
        f"{config.device_id} runs {event['firmware_version']} with this configuration; "
        f"it logged reboot as number {event['sequence_number']}"
    )
