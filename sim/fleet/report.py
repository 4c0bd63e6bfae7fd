"""How `badge simulate` speaks: the bar's words, the closing figures, the table, who limits."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from badge.cli import terminal
from badge.cli.exits import EXIT_DIFFERS, EXIT_INTERRUPTED
from badge.host.files import write_whole
from badge.words import counted
from sim.fleet.dask import DatasetEnded
from sim.fleet.field.watched_core import CoreFinding
from sim.fleet.job import Job
from sim.fleet.run import Ended
from sim.fleet.upload.keys import FILE as KEYS

FINDINGS_SAID = 10


def figures_of(ended: Ended) -> dict[str, Any]:
    """Give the closing figures: the run's counts, and how it went this time."""
    job, finished, document, wall_s = ended.job, ended.finished, ended.document, ended.wall_s
    uploads = sum((one.uploads for one in finished.results), Counter[str]())
    counts, speed = document["counts"], job.speed
    figures = {
        **{name: document[name] for name in ("scenario", "run_id", "seed", "start", "hours")},
        "complete": document["complete"],
        "folder": str(ended.path),
        **counts,
        "uploads": dict(sorted(uploads.items())),
        "wall_s": round(wall_s, 3),
        "events_per_s": round(counts["events"] / max(wall_s, 0.001)),
        "speed": "max" if speed is None else speed,
        "engine": job.engine,
        **{name: document[name] for name in ("platforms",) if name in document},
    }
    if job.engine_why is not None:
        figures["engine_why"] = job.engine_why
    if finished.figures.get("python_badges"):
        figures["python_badges"] = round(finished.figures["python_badges"])
    if job.core is not None:
        steps = round(finished.figures.get("core_steps", 0))
        found = [one.core for one in finished.results if one.core is not None]
        figures["core"] = {"library": str(job.core), "steps": steps, "findings": found}
    if finished.trouble:
        figures["trouble"] = finished.trouble
    if job.target is not None:
        figures["answers"] = answers_of(uploads)
    if finished.figures.get("answers"):
        mean_s = finished.figures["waited_s"] / finished.figures["answers"]
        figures["answer_mean_ms"] = round(mean_s * 1000, 1)
        figures["answer_slowest_ms"] = round(finished.figures["slowest_s"] * 1000)
    if finished.figures.get("connects"):
        mean_s = finished.figures["connecting_s"] / finished.figures["connects"]
        figures["connect_mean_ms"] = round(mean_s * 1000, 1)
    if "behind_s" in finished.figures:
        figures["behind_s"] = round(finished.figures["behind_s"], 3)
    if document["complete"]:
        figures |= ended.webhooks.figures()
    return figures


def report(ended: Ended, figures: dict[str, Any], summary: Path | None, *, as_json: bool) -> None:
    """Print the figures; a run that was cut short ends with its exit code and how to go on."""
    job, finished = ended.job, ended.finished
    if summary is not None:
        write_whole(summary, json.dumps(figures, indent=2).encode() + b"\n")
    if as_json:
        terminal.print_json(figures)
    else:
        _print(job, figures)
    if finished.trouble:
        _say_how_to_go_on(finished.trouble, figures["folder"])
        raise click.exceptions.Exit(EXIT_DIFFERS)
    if finished.interrupted:
        _say_how_to_go_on("stopped", figures["folder"])
        raise click.exceptions.Exit(EXIT_INTERRUPTED)
    if job.core is not None and figures["core"]["findings"]:
        _say_findings(figures["core"]["findings"])
        raise click.exceptions.Exit(EXIT_DIFFERS)
    if remedy := refused(figures):
        terminal.err().print(remedy, markup=False, soft_wrap=True)
        raise click.exceptions.Exit(EXIT_DIFFERS)


def report_dataset(ended: DatasetEnded, url: str, summary: Path | None, *, as_json: bool) -> None:
    """Print how a data set went; one that is not whole ends with its exit code and how to go on."""
    figures = {"url": url, **asdict(ended), "wall_s": round(ended.wall_s, 3)}
    if summary is not None:
        write_whole(summary, json.dumps(figures, indent=2).encode() + b"\n")
    if as_json:
        terminal.print_json(figures)
    else:
        screen, whole = terminal.out(), ended.kept + ended.made
        parts = counted(ended.parts, "part is", "parts are")
        screen.print(f"{whole} of {parts} whole: {ended.kept} kept, {ended.made} made")
        if ended.sha256:
            screen.print(f"{url}: manifest.json, SHA-256 {ended.sha256}", soft_wrap=True)
    if ended.trouble or ended.interrupted:
        why = ended.trouble or "stopped"
        line = f"{why}; what is whole stays in {url}; the same command makes the rest"
        terminal.err().print(line, soft_wrap=True)
        raise click.exceptions.Exit(EXIT_DIFFERS if ended.trouble else EXIT_INTERRUPTED)


def answers_of(uploads: Counter[str]) -> dict[str, int]:
    """Count a server's answers by their status; "none" is what nobody answered."""
    found = {name.removeprefix("answered_"): n for name, n in uploads.items() if n}
    return {name: n for name, n in sorted(found.items()) if name == "none" or name.isdecimal()}


_KEYS = "--api-key KEY, --keys FILE or --provision KEY"


def refused(figures: dict[str, Any], keys: str = _KEYS) -> str:
    """Say why a server that answered has taken nothing, and what to do; empty if it has.

    `keys` are the options by which the command takes keys.
    """
    answers = figures.get("answers", {})
    given = {status: n for status, n in answers.items() if status != "none"}
    if figures["delivered"] or not given or not figures["events"]:
        return ""
    status = max(given, key=lambda one: given[one])
    which = "for all" if len(given) == 1 else "most often"
    remedy = _REMEDIES.get(status, "see what the server printed")
    if status == "401":
        remedy = f"is the key right? {keys} give one"
    return f"nothing was delivered: the server answered {status} {which}: {remedy}"


_ELSEWHERE = "is the URL right? it sends elsewhere, and a badge does not follow"
_REMEDIES = {
    "200": "the contract says 202; is it an ingest for badges?",
    **dict.fromkeys(("301", "302", "303", "307", "308"), _ELSEWHERE),
    "403": "is the key allowed to write? --api-key KEY gives another",
    "404": "is the path right? URL may name it whole, e.g. http://…/api/events",
    "405": "is the path right? URL may name it whole, e.g. http://…/api/events",
    "422": "is the firmware too old for it? the scenario's badges say which they run",
    "429": "it wants fewer requests: a lower --speed, or raise its rate limit",
}


def _say_how_to_go_on(why: str, folder: str) -> None:
    line = f"{why}; what was done so far is in {folder}; badge simulate --resume {folder} goes on"
    terminal.err().print(line, markup=False, soft_wrap=True)


def _print(job: Job, figures: dict[str, Any]) -> None:
    screen, uploads = terminal.out(), figures["uploads"]
    title = f"{figures['scenario']}: {counted(figures['badges'], 'badge')}, {figures['hours']:g} h"
    rows = [(name, f"{count:,}") for name, count in figures["by_type"].items()]
    rows.append(("all", f"{figures['events']:,}"))
    screen.print(terminal.table(title, ("event", "logged"), rows))
    undelivered = ", ".join(f"{n:,} {why}" for why, n in figures["undelivered"].items() if n)
    facts = {
        "delivered": f"{figures['delivered']:,}",
        "not delivered": undelivered or "none",
        "uploads": f"{uploads.get('uploads', 0):,}, {uploads.get('retries', 0):,} of them retries",
        "rejected": f"{uploads.get('rejected', 0):,}",
        "truth": ", ".join(
            counted(figures[name], noun)
            for name, noun in (
                ("shifts", "shift"),
                ("visits", "visit"),
                ("sessions", "session"),
                ("presence", "presence"),
            )
        ),
        "rate": f"{figures['events_per_s']:,} events/s, {figures['wall_s']:.1f} s",
    }
    if "engine_why" in figures:
        facts["engine"] = f"the one in Python: {figures['engine_why']}"
    elif "python_badges" in figures:
        few = counted(figures["python_badges"], "badge")
        facts["engine"] = f"the one in Python for {few} that the core in C cannot hold"
    if "answers" in figures:
        said = ", ".join(f"{n:,} {status}" for status, n in figures["answers"].items())
        facts["answers"] = said or "none"
    if "answer_mean_ms" in figures:
        slowest = figures["answer_slowest_ms"]
        facts["server"] = f"answers in {figures['answer_mean_ms']} ms, the slowest in {slowest} ms"
    screen.print()
    for name, fact in facts.items():
        screen.print(f"{name:<15}{fact}")
    for name, one in figures.get("neighbours", {}).items():
        expected = figures["platforms"][name]
        events, posts = counted(expected["events"], "event"), counted(expected["posts"], "post")
        screen.print(f"{name:<15}{events} in {posts}, {one['accepted']:,} accepted ({one['to']})")
    for line in _limits(job, figures):
        screen.print(line, style="yellow")
    names = sorted(path.name for path in Path(figures["folder"]).iterdir() if path.name != "resume")
    lines = [f"\nin {figures['folder']}/: {', '.join(names)}"]
    if KEYS in names:
        lines.append(f"{KEYS} holds the badges' keys: --keys {figures['folder']}/{KEYS} uses them")
    for line in lines:  # broken between names, never in one: a path is there to be copied
        screen.print(line, markup=False, overflow="ignore", crop=False)


def _limits(job: Job, figures: dict[str, Any]) -> list[str]:
    """Say by how much the asked speed was missed, and whose fault it is."""
    lines, behind_s = [], figures.get("behind_s", 0.0)
    if job.speed is not None and behind_s > 1.0:
        lines.append(f"{job.speed:g}x was not held: {behind_s:.1f} s behind; the generator limits")
    late = figures["uploads"].get("late_answers", 0)
    if late:
        answer_ms, way_ms = figures.get("answer_mean_ms", 0.0), figures.get("connect_mean_ms", 0.0)
        who = "network" if way_ms > answer_ms / 2 else "server"
        lines.append(
            f"{late} answers came later than the model's network explains: at {job.speed or 0:g}x "
            f"one takes {answer_ms * (job.speed or 0.0) / 1000:.0f} s of a badge's time "
            f"(connecting alone {way_ms:g} ms of {answer_ms:g}); the {who} limits"
        )
    return lines


def _say_findings(found: Sequence[Mapping[str, Any]]) -> None:
    """Name the first step in which each badge's core went wrong."""
    for one in found[:FINDINGS_SAID]:
        terminal.err().print(str(CoreFinding(**one)), markup=False, soft_wrap=True)
    if len(found) > FINDINGS_SAID:
        terminal.err().print(f"and {len(found) - FINDINGS_SAID} more: --json has them all")
