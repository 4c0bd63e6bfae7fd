"""`badge simulate`: a scenario becomes traffic, files, recordings and the truth about them."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from badge.errors import InputError
from badge.host import terminal
from badge.host.door import EXIT_DIFFERS, EXIT_INTERRUPTED

if TYPE_CHECKING:
    from sim.run.crew import Finished
    from sim.run.job import Job, Progress, Target
    from sim.run.roster import Roster
    from sim.run.terrain import Asked
    from sim.scenario.reading import Told

_FOLDER = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("scenario")
@click.option("--badges", type=click.IntRange(1, 100_000), help="How many; the crews repeat.")
@click.option("--hours", type=click.FloatRange(0.0, 24 * 366, min_open=True), help="How long.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Another seed, another day.")
@click.option("--speed", default="max", show_default=True, help="max, 1x, 60x, …")
@click.option("--start", help="When it begins, e.g. 2026-03-14T06:30:00Z.")
@click.option("--to", "url", help="An ingest, e.g. http://127.0.0.1:8080: upload as it goes.")
@click.option("--api-key", envvar="BADGE_API_KEY", help="One key for all badges.")
@click.option("--provision", "provisioning_key", help="A provisioning key: a key for each badge.")
@click.option("--give-up", "give_up_s", default=60.0, show_default=True, help="s without server.")
@click.option("--out", type=_FOLDER, help="The run's folder.  [default: run-<id>]")
@click.option("--split", is_flag=True, help="One file of events a badge.")
@click.option("--record", type=_FOLDER, help="A folder for one recording a badge.")
@click.option("--jobs", type=click.IntRange(1, 256), help="Processes.  [default: as many as pay]")
@click.option("--summary", type=_FILE, help="The closing figures as a JSON file.")
@click.option("--json", "as_json", is_flag=True, help="The closing figures as JSON.")
def simulate(
    scenario: str,
    badges: int | None,
    hours: float | None,
    seed: int | None,
    speed: str,
    start: str | None,
    url: str | None,
    api_key: str | None,
    provisioning_key: str | None,
    give_up_s: float,
    out: Path | None,
    split: bool,
    record: Path | None,
    jobs: int | None,
    summary: Path | None,
    as_json: bool,
) -> None:
    """Let badges live through a SCENARIO: a YAML file, or a name of `badge scenario list`.

    The same scenario, seed, badges, hours and start give the same bytes, at any speed.  What
    really happened is in the run's folder under truth/.  Exit code 1: the server went away.
    """
    from sim.run.crew import processes_for, run_job
    from sim.run.job import Job
    from sim.run.live import endpoint
    from sim.run.outputs import RunFolder
    from sim.run.pace import read_speed
    from sim.run.roster import Roster
    from sim.scenario.reading import read_scenario

    if provisioning_key and api_key:
        raise InputError("--provision and --api-key: give one of the two")
    if provisioning_key and not url:
        raise InputError("--provision without --to URL: say where to upload")
    told = read_scenario(scenario)
    asked = asked_of(told, badges, hours, seed, start)
    roster = Roster(told, asked)
    target = None
    job = Job(told, asked, Path(), read_speed(speed), None, record)
    folder = RunFolder(out or Path(f"run-{job.run_id}"))
    if url is not None:
        target = _target(endpoint(url), roster, api_key, provisioning_key, give_up_s)
    if record is not None:
        record.mkdir(parents=True, exist_ok=True)
    with folder:
        job = Job(told, asked, folder.parts, job.speed, target, record)
        processes = jobs or processes_for(job, os.cpu_count() or 1)
        begun_s = time.monotonic()
        with terminal.progress() as bar:
            task = bar.add_task("simulating", total=asked.badges * asked.end_ms, word="")

            def tell(progress: Progress) -> None:
                word = _word(progress, roster.terrain.clock.word(progress.sim_ms), begun_s)
                bar.update(task, completed=progress.badge_ms, word=word)

            finished = run_job(job, min(processes, asked.badges), tell)
        whole = not finished.interrupted and finished.trouble is None
        if not finished.outcomes:
            raise click.Abort
        path, document = folder.complete(job, finished.outcomes, split=split, whole=whole)
    figures = _figures(job, finished, document, time.monotonic() - begun_s, path)
    _report(job, finished, figures, summary, as_json=as_json)


def asked_of(
    told: Told,
    badges: int | None = None,
    hours: float | None = None,
    seed: int | None = None,
    start: str | None = None,
) -> Asked:
    """Fill in from the scenario what the command line leaves open."""
    from sim.run.roster import slots_of
    from sim.run.terrain import Asked

    scenario = told.scenario
    return Asked(
        badges or len(slots_of(told)),
        hours or scenario.hours,
        scenario.seed if seed is None else seed,
        start or scenario.start,
    )


def _target(
    url: str, roster: Roster, api_key: str | None, provisioning_key: str | None, give_up_s: float
) -> Target:
    from sim.run.job import Target
    from sim.run.keys import provision

    keys = {"": api_key} if api_key else {}
    if provisioning_key:
        devices = [roster.device_id(index) for index in range(len(roster))]
        keys = provision(url, provisioning_key, roster.told.scenario.company_id, devices)
    return Target(url, keys, give_up_s)


def _word(progress: Progress, clock: str, begun_s: float) -> str:
    rate = progress.events / max(time.monotonic() - begun_s, 0.001)
    return (
        f"{clock}  {rate:,.0f} events/s  accepted {progress.accepted:,}  "
        f"rejected {progress.rejected:,}  retries {progress.retries:,}"
    )


def _figures(
    job: Job, finished: Finished, document: dict[str, Any], wall_s: float, path: Path
) -> dict[str, Any]:
    from collections import Counter

    uploads = sum((one.uploads for one in finished.outcomes), Counter[str]())
    counts, speed = document["counts"], job.speed
    figures = {
        **{name: document[name] for name in ("scenario", "run_id", "seed", "start", "hours")},
        "complete": document["complete"],
        "folder": str(path),
        **counts,
        "uploads": dict(sorted(uploads.items())),
        "wall_s": round(wall_s, 3),
        "events_per_s": round(counts["events"] / max(wall_s, 0.001)),
        "speed": "max" if speed is None else speed,
    }
    if finished.trouble:
        figures["trouble"] = finished.trouble
    if finished.figures.get("answers"):
        mean_s = finished.figures["waited_s"] / finished.figures["answers"]
        figures["answer_mean_ms"] = round(mean_s * 1000, 1)
        figures["answer_slowest_ms"] = round(finished.figures["slowest_s"] * 1000)
    if "behind_s" in finished.figures:
        figures["behind_s"] = round(finished.figures["behind_s"], 3)
    return figures


def _report(
    job: Job, finished: Finished, figures: dict[str, Any], summary: Path | None, *, as_json: bool
) -> None:
    if summary is not None:
        building = summary.with_name(f".{summary.name}.{os.getpid()}")
        building.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
        building.rename(summary)
    if as_json:
        terminal.print_json(figures)
    else:
        _print(job, figures)
    if finished.trouble:
        terminal.err().print(
            f"{finished.trouble}; what was sent is in {figures['folder']}.  The same command, "
            "with another --out, goes on: what the server has, it will not write twice"
        )
        raise click.exceptions.Exit(EXIT_DIFFERS)
    if finished.interrupted:
        terminal.err().print(f"stopped; what was done so far is in {figures['folder']}")
        raise click.exceptions.Exit(EXIT_INTERRUPTED)


def _print(job: Job, figures: dict[str, Any]) -> None:
    screen, uploads = terminal.out(), figures["uploads"]
    title = f"{figures['scenario']}: {figures['badges']} badges, {figures['hours']:g} h"
    rows = [(name, f"{count:,}") for name, count in figures["by_type"].items()]
    screen.print(terminal.table(title, ("event", "logged"), [*rows, ("all", figures["events"])]))
    undelivered = ", ".join(f"{n} {why}" for why, n in figures["undelivered"].items() if n)
    facts = {
        "delivered": f"{figures['delivered']:,}",
        "not delivered": undelivered or "none",
        "uploads": f"{uploads.get('uploads', 0):,}, {uploads.get('retries', 0):,} of them retries",
        "rejected": f"{uploads.get('rejected', 0):,}",
        "truth": f"{figures['shifts']} shifts, {figures['visits']} visits, "
        f"{figures['sessions']} sessions, {figures['presence']} presences",
        "rate": f"{figures['events_per_s']:,} events/s, {figures['wall_s']:.1f} s",
    }
    if "answer_mean_ms" in figures:
        slowest = figures["answer_slowest_ms"]
        facts["server"] = f"answers in {figures['answer_mean_ms']} ms, the slowest in {slowest} ms"
    screen.print()
    for name, fact in facts.items():
        screen.print(f"{name:<15}{fact}")
    for line in _limits(job, figures):
        screen.print(line, style="yellow")
    screen.print(f"\nin {figures['folder']}/: events.ndjson, truth/", soft_wrap=True)


def _limits(job: Job, figures: dict[str, Any]) -> list[str]:
    """Say by how much the asked speed was missed, and whose fault it is."""
    lines, behind_s = [], figures.get("behind_s", 0.0)
    if job.speed is not None and behind_s > 1.0:
        lines.append(f"{job.speed:g}x was not held: {behind_s:.1f} s behind; the generator limits")
    late = figures["uploads"].get("late_answers", 0)
    if late:
        mean_s = figures.get("answer_mean_ms", 0.0) * (job.speed or 0.0) / 1000
        lines.append(
            f"{late} answers came later than the network explains: at {job.speed or 0:g}x one "
            f"takes {mean_s:.0f} s of a badge's time; the server limits"
        )
    return lines
