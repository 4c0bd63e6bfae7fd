"""`badge scenario`: write one to start from, check one, list the shipped ones, the JSON Schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from badge.cli import terminal
from badge.cli.options import destination
from badge.errors import InputError
from badge.host.documents import read_file
from badge.host.files import write_whole
from badge.words import counted
from sim.scenario.options import parameter_options

if TYPE_CHECKING:
    from sim.scenario.calendar.plan import CalendarPlan
    from sim.scenario.language.read import ScenarioFile
    from sim.scenario.plan.roster import Roster

_FILE = click.Path(dir_okay=False, path_type=Path)
_SHOWN = 20  # badges of a site; --json has all


@click.group()
def scenario() -> None:
    """Write, check and list scenarios: days in the field as YAML files."""


@scenario.command()
@click.argument("file", type=_FILE, required=False)
@click.option("--from", "name", default="crew-of-five", show_default=True, help="Which to copy.")
@click.option("--out", type=_FILE, help="Where to, instead of FILE.")
def new(file: Path | None, name: str, out: Path | None) -> None:
    """Write a scenario to FILE, to start from.  It is never written over one that exists."""
    from sim.scenario.language.read import find, read_scenario

    file = destination(file, out, "FILE")
    content = read_file(find(name))
    if file.exists() or file.is_symlink():
        raise InputError(f"{file} exists; name another file")
    source = read_scenario(name)
    for beside in source.files:  # what it names, e.g. its weather, where that is a plain name
        copy = file.parent / beside
        if Path(beside).name == beside and not copy.exists():
            write_whole(copy, read_file(source.folder / beside))
    write_whole(file, content)
    terminal.out().print(f"{file}: a copy of {name}\nnext: badge simulate {file}")


@scenario.command()
@click.argument("name", metavar="SCENARIO")
@parameter_options
@click.option("--json", "as_json", is_flag=True, help="The findings as JSON.")
def check(name: str, as_json: bool, **asked: Any) -> None:
    """Read a SCENARIO and plan every day of it, as badge simulate would.

    Errors are told with line and column.  One with a calendar is shown by month.
    """
    from sim.scenario.language.read import read_scenario, sites_of

    source = read_scenario(name)
    checked, documents = {}, {}
    with terminal.progress() as bar:
        sites = sites_of(source)
        task = bar.add_task("planning", total=len(sites), word="")
        for site, one in sites.items():
            bar.update(task, word=site)
            checked[site] = _checked(one, **asked)
            if as_json:
                documents[site] = _document(checked[site])
            bar.advance(task)
    if as_json:
        terminal.print_json(
            documents.get("", {"scenario": source.scenario.scenario, "sites": documents})
        )
        return
    screen = terminal.out()
    for roster in checked.values():
        _show(roster)
    screen.print("\nno fault found", style="green")


def _checked(source: ScenarioFile, **asked: Any) -> Roster:
    """Plan a site as a run would; InputError for whatever cannot be."""
    from sim.scenario.plan.days import try_days
    from sim.scenario.plan.hotspots import stands_of
    from sim.scenario.plan.parameters import parameters_of
    from sim.scenario.plan.roster import Roster
    from sim.scenario.plan.slots import people

    roster = Roster(source, parameters_of(source, **asked))
    roster.config(0)  # reads those of all groups
    platforms = source.scenario.platforms
    if platforms.blecon:
        stands_of(roster.site_plan, platforms.blecon)
    if platforms.grouplink:
        from sim.scenario.plan.cells import cells_of  # h3, which no other scenario needs

        cells_of(roster.site_plan, platforms.grouplink)
    if roster.site_plan.calendar is not None:
        for crew in source.scenario.crews:
            try_days(roster.site_plan, crew, people(source, crew)[0])
    return roster


def _document(roster: Roster) -> dict[str, Any]:
    from sim.scenario.calendar import table

    plan = roster.site_plan.calendar
    badges = [_badge(roster, index) for index in range(len(roster))]
    scenario = roster.source.scenario
    found = {
        "scenario": scenario.scenario,
        "start": roster.parameters.start,
        "radio": scenario.radio,
        "badges": badges,
    }
    return found if plan is None else found | {"calendar": table.document(plan)}


def _show(roster: Roster) -> None:
    from sim.scenario.calendar import table

    for said in roster.left_out:
        terminal.err().print(said, markup=False, highlight=False, soft_wrap=True)
    badges = [_badge(roster, index) for index in range(min(len(roster), _SHOWN))]
    scenario, plan, screen = roster.source.scenario, roster.site_plan.calendar, terminal.out()
    rows = [
        (one["device_id"], one["firmware"], one["worker"] or "-", one["days"]) for one in badges
    ]
    title = f"{scenario.scenario}: {counted(len(roster), 'badge')}, {roster.parameters.hours:g} h"
    title += ", radio by the cycle" if scenario.radio == "cycle" else ""
    if len(roster) > _SHOWN:
        rows.append(("…", "", "", f"{len(roster) - _SHOWN} more"))
    screen.print(terminal.table(title, ("badge", "firmware", "worker", "days"), rows))
    if plan is None:
        return
    screen.print()
    for line in table.month_lines(plan):
        screen.print(line, markup=False, highlight=False)
    screen.print(f"\n{table.LEGEND}")
    for at, what in table.happenings(plan):
        screen.print(f"{at[:16]:16}  {what}", markup=False, highlight=False)


def _badge(roster: Roster, index: int) -> dict[str, Any]:
    """Say who wears a badge on which days; with a calendar, how many days they are."""
    from sim.scenario.plan.certificates import at_start

    if roster.site_plan.calendar is None:
        word, days = roster.site_plan.clock.word, roster.days(index)
        worn = ", ".join(f"{word(day.start_ms)} to {word(day.end_ms)}" for day in days)
        workers = [roster.worker_id(index)]
    else:
        worn, workers = _worn_by_date(roster, index, roster.site_plan.calendar)
    return {
        "device_id": roster.device_id(index),
        "firmware": at_start(roster, index).firmware,
        "worker": ", ".join(who for who in workers if who) or None,
        "days": worn or "rests at the depot",
    }


def _worn_by_date(roster: Roster, index: int, plan: CalendarPlan) -> tuple[str, list[str | None]]:
    life, clock = roster.life(index), plan.clock
    planned = [
        (number, one.worker)
        for number, one in roster.planned_days(index)
        if life.begins_ms <= clock.midnight_ms(number + 1)
        and clock.midnight_ms(number) < life.ends_ms
    ]
    workers: list[str | None] = list(dict.fromkeys(worker for _, worker in planned))
    if not planned:
        return "", []
    first, last = plan.dates[planned[0][0]], plan.dates[planned[-1][0]]
    return f"{counted(len(planned), 'day')}, {first} to {last}", workers


@scenario.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_(as_json: bool) -> None:
    """List the shipped scenarios."""
    from sim.scenario.language.read import read_scenario, shipped_names, sites_of
    from sim.scenario.plan.slots import slots_of

    rows = []
    for name in shipped_names():
        source = read_scenario(name)
        story = " ".join(source.scenario.story.split())
        badges = sum(len(slots_of(one)) for one in sites_of(source).values())
        rows.append((name, badges, f"{source.scenario.hours:g}", story))
    if as_json:
        keys = ("name", "badges", "hours", "story")
        terminal.print_json([dict(zip(keys, row, strict=True)) for row in rows])
        return
    first = [(*row[:3], row[3].split(".")[0].split(":")[0]) for row in rows]
    terminal.out().print(terminal.table("", ("scenario", "badges", "hours", "story"), first))


@scenario.command()
@click.option("-o", "--out", type=_FILE, help="A file instead of the terminal.")
def schema(out: Path | None) -> None:
    """Print the JSON Schema of a scenario.

    Editors complete and check the YAML with it.
    """
    text = json.dumps(scenario_schema(), indent=2) + "\n"
    if out is None:
        click.echo(text, nl=False)
    else:
        write_whole(out, text.encode())
        terminal.err().print(f"{out}; the first line of a scenario names it:", soft_wrap=True)
        click.echo(f"# yaml-language-server: $schema={out.name}", err=True)


def scenario_schema() -> dict[str, Any]:
    """Give the JSON Schema (draft 2020-12) of a scenario."""
    from sim.scenario.language.model import Scenario

    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Scenario.model_json_schema(),
    }
