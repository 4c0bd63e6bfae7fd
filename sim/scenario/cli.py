"""`badge scenario`: write one to start from, check one, list the shipped ones, the JSON Schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from badge.cli import terminal
from badge.errors import InputError
from badge.host.documents import read_file
from badge.host.files import write_whole

if TYPE_CHECKING:
    from sim.scenario.plan.roster import Roster

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def scenario() -> None:
    """Write, check and list scenarios: days in the field as YAML files."""


@scenario.command()
@click.argument("file", type=_FILE)
@click.option("--from", "name", default="crew-of-five", show_default=True, help="Which to copy.")
def new(file: Path, name: str) -> None:
    """Write a scenario to FILE, to start from.  It is never written over one that exists."""
    from sim.scenario.language.read import find

    content = read_file(find(name))
    if file.exists() or file.is_symlink():
        raise InputError(f"{file} exists; name another file")
    write_whole(file, content)
    terminal.out().print(f"{file}: a copy of {name}\nnext: badge simulate {file}")


@scenario.command()
@click.argument("name", metavar="SCENARIO")
@click.option("--json", "as_json", is_flag=True, help="The findings as JSON.")
def check(name: str, as_json: bool) -> None:
    """Read a SCENARIO and plan every day of it; errors are told with line and column."""
    from sim.scenario.language.read import read_scenario
    from sim.scenario.plan.cells import cells_of
    from sim.scenario.plan.hotspots import stands_of
    from sim.scenario.plan.parameters import parameters_of
    from sim.scenario.plan.roster import Roster

    source = read_scenario(name)
    roster = Roster(source, parameters_of(source))
    platforms = source.scenario.platforms
    if platforms.blecon:
        stands_of(roster.site_plan, platforms.blecon)
    if platforms.grouplink:
        cells_of(roster.site_plan, platforms.grouplink)
    days = [_day(roster, index) for index in range(len(roster))]
    if as_json:
        terminal.print_json({"scenario": source.scenario.scenario, "badges": days})
        return
    rows = [(one["device_id"], one["firmware"], one["worker"] or "-", one["days"]) for one in days]
    title = f"{source.scenario.scenario}: {len(days)} badges, {source.scenario.hours:g} h"
    shown = rows if len(rows) <= 20 else [*rows[:20], ("…", "", "", f"{len(rows) - 20} more")]
    screen = terminal.out()
    screen.print(terminal.table(title, ("badge", "firmware", "worker", "days"), shown))
    screen.print("\nno fault found", style="green")


def _day(roster: Roster, index: int) -> dict[str, Any]:
    word = roster.site_plan.clock.word
    spans = [f"{word(day.start_ms)} to {word(day.end_ms)}" for day in roster.days(index)]
    config = roster.config(index)
    return {
        "device_id": config.device_id,
        "firmware": roster.group(index).firmware,
        "worker": roster.worker_id(index),
        "days": ", ".join(spans) or "rests at the depot",
    }


@scenario.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_(as_json: bool) -> None:
    """List the shipped scenarios."""
    from sim.scenario.language.read import read_scenario, shipped_names
    from sim.scenario.plan.slots import slots_of

    rows = []
    for name in shipped_names():
        source = read_scenario(name)
        story = " ".join(source.scenario.story.split())
        rows.append((name, len(slots_of(source)), f"{source.scenario.hours:g}", story))
    if as_json:
        keys = ("name", "badges", "hours", "story")
        terminal.print_json([dict(zip(keys, row, strict=True)) for row in rows])
        return
    first = [(*row[:3], row[3].split(".")[0].split(":")[0]) for row in rows]
    terminal.out().print(terminal.table("", ("scenario", "badges", "hours", "story"), first))


@scenario.command()
@click.option("-o", "--out", type=_FILE, help="A file instead of the terminal.")
def schema(out: Path | None) -> None:
    """Print the JSON Schema of a scenario: editors complete and check the YAML with it."""
    text = json.dumps(scenario_schema(), indent=2) + "\n"
    if out is None:
        click.echo(text, nl=False)
    else:
        write_whole(out, text.encode())
        first = f"# yaml-language-server: $schema={out.name}"
        terminal.err().print(f"{out}; the first line of a scenario names it: {first}")


def scenario_schema() -> dict[str, Any]:
    """Give the JSON Schema (draft 2020-12) of a scenario."""
    from sim.scenario.language.model import Scenario

    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Scenario.model_json_schema(),
    }
