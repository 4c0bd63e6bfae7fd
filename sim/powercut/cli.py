"""`badge powercut`: cut the power at every byte of the badge's flash, and see what is left."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NotRequired

import click
from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from badge.cli import terminal
from badge.cli.exits import EXIT_DIFFERS, EXIT_INTERRUPTED
from badge.contract.events import NotNegative
from badge.errors import InputError
from badge.host.documents import read_model
from badge.host.files import write_whole
from badge.words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.powercut.depths import Scope, Task, TaskResult

CUT_KINDS = ("clean", "torn", "unstable", "erase")
OTHER_KINDS = ("lost", "misdirected", "stuck", "rot_unacked", "rot_acked")
_SAVE_EVERY_S = 5.0


@click.command()
@click.option(
    "--depth",
    type=click.Choice(["1", "2", "3"]),
    default="1",
    show_default=True,
    help="Cuts: once; again in each recovery; three times, at drawn places.",
)
@click.option(
    "--points",
    type=click.IntRange(1),
    default=1_000_000,
    show_default=True,
    help="How many places to draw (depth 3).",
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=1,
    show_default=True,
    help="The workload and all that is drawn.",
)
@click.option("--jobs", type=click.IntRange(1), help="Processes; as many as there are cores.")
@click.option(
    "--resume",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep what was proven in this file, and go on from it (depth 3).",
)
@click.option("--point", help="Repeat exactly this place, as a failure prints it.")
@click.option(
    "--damage",
    "kinds",
    multiple=True,
    type=click.Choice(CUT_KINDS + OTHER_KINDS),
    metavar="KIND",
    help=f"Only this kind (repeatable): {', '.join(CUT_KINDS)} (cuts), "
    f"{', '.join(OTHER_KINDS)}.  [default: all]",
)
@click.option(
    "--core", metavar="c|LIBRARY", help="The journal in C, or a core of your own (badge_core.h)."
)
@click.option(
    "--stride",
    type=click.IntRange(1),
    default=29,
    show_default=True,
    help="Bytes between the cuts of a core.",
)
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON.")
def powercut(
    depth: str,
    points: int,
    seed: int,
    jobs: int | None,
    resume: Path | None,
    point: str | None,
    kinds: tuple[str, ...],
    core: str | None,
    stride: int,
    as_json: bool,
) -> None:
    """Cut the power at every byte of a recorded life of the badge's flash, and recover.

    After each cut every promise of docs/reliability.md is checked.  Exit code 1: one was broken;
    what repeats exactly that case is printed.
    """
    from badge.host.core.store import BUILT_IN, core_file, core_library
    from badge.host.processes import WorkerLostError, cores

    if core is not None and core != BUILT_IN:
        _cut_core(core_file(core), seed, stride, as_json=as_json)
        return
    if core is not None:
        core_library()
    if point is not None:
        _repeat(point, core=core is not None)
        return

    if resume is not None and depth != "3":
        raise InputError("--resume: only the drawn cuts of --depth 3 can be resumed")
    job = CutCampaign(int(depth), points, seed, jobs or cores(), kinds, resume, core is not None)
    todo = _plan(job)
    proof = _Proof(job, len(todo))
    todo = todo[proof.tasks_done :]
    try:
        _prove(job, todo, proof)
    except WorkerLostError:
        proof.save()
        raise
    except KeyboardInterrupt:
        proof.save()
        _report(job, proof, as_json=as_json, interrupted=True)
        goes_on = "" if job.resume is None else "; the same command goes on"
        terminal.err().print(f"interrupted: this much is proven, and no more{goes_on}")
        raise click.exceptions.Exit(EXIT_INTERRUPTED) from None
    proof.save()
    _report(job, proof, as_json=as_json, interrupted=False)
    if proof.result.failures:
        raise click.exceptions.Exit(EXIT_DIFFERS)


@with_config(ConfigDict(strict=True, extra="forbid"))
class _Kept(TypedDict):
    """What --resume writes and reads."""

    seed: int
    damage: list[str]
    core: NotRequired[bool]
    batches: NotNegative
    points: NotNegative
    images: NotNegative
    cpu_s: float


@dataclass(frozen=True, slots=True)
class CutCampaign:
    """What was asked for."""

    depth: int
    points: int
    seed: int
    jobs: int
    kinds: tuple[str, ...]
    resume: Path | None
    core: bool


def _cut_core(core: Path, seed: int, stride: int, *, as_json: bool) -> None:
    from sim.powercut.core import cut_core

    *_, found = cut_core(core, seed, stride)
    if as_json:
        terminal.print_json({"points": found.points, "failures": found.failures})
    else:
        for promise, text, point in found.failures:
            click.echo(f"{promise}: {text}\n  {point}")
        words = "every promise held" if not found.failures else "promises broke"
        click.echo(f"{core}: {counted(found.points, 'cut')}; {words}")
    if found.failures:
        raise click.exceptions.Exit(EXIT_DIFFERS)


def _plan(job: CutCampaign) -> list[Task]:
    from sim.powercut.depths import damage_tasks, tasks

    others = [kind for kind in OTHER_KINDS if kind in job.kinds or not job.kinds]
    cuts = not job.kinds or any(kind in job.kinds for kind in CUT_KINDS)
    scope, core = _scope(job.kinds), job.core
    todo = tasks(job.depth, job.seed, job.points, scope, core=core) if cuts else []
    damaged = job.depth == 1 or not cuts
    return (damage_tasks(others, job.seed, core=core) if damaged else []) + todo


def _scope(kinds: Sequence[str]) -> Scope:
    from sim.engine.flash import Torn
    from sim.powercut.depths import EVERYTHING, Scope

    if not kinds:
        return EVERYTHING
    named = {"clean": {Torn.CLEAN}, "unstable": {Torn.WEAK}}
    named["torn"] = set(Torn) - {Torn.CLEAN, Torn.WEAK}
    torn = [pattern for pattern in Torn if any(pattern in named.get(k, ()) for k in kinds)]
    return Scope(tuple(torn) or tuple(Torn), programs=bool(torn), erases="erase" in kinds)


class _Proof:
    """What was proven so far, kept in a file if one was named."""

    def __init__(self, job: CutCampaign, tasks: int) -> None:
        from sim.powercut.depths import TaskResult

        self._file = job.resume
        self._of = {"seed": job.seed, "damage": list(job.kinds), "core": job.core}
        self.result: TaskResult = TaskResult()
        self.tasks_done = 0
        self.tasks = tasks
        self._saved_s = self.started_s = time.monotonic()
        self.points_before = 0
        if self._file is not None and self._file.exists():
            self._load(self._file)

    def _load(self, file: Path) -> None:
        try:
            kept = read_model(_Kept, file)
        except InputError as error:
            raise InputError(f"{error}; not a file that --resume wrote, name another") from None
        of = {"seed": kept["seed"], "damage": kept["damage"], "core": kept.get("core", False)}
        self.tasks_done = kept["batches"]
        self.result.points = self.points_before = kept["points"]
        self.result.images, self.result.cpu_s = kept["images"], kept["cpu_s"]
        if of != self._of:
            raise InputError(f"{file}: belongs to {of}; use these options or another file")

    def add(self, result: TaskResult) -> None:
        """Take the next task's result."""
        self.result.add(result)
        if not result.failures:
            self.tasks_done += 1
        if time.monotonic() - self._saved_s > _SAVE_EVERY_S:
            self.save()

    def save(self) -> None:
        """Keep it, whole or not at all."""
        self._saved_s = time.monotonic()
        if self._file is None:
            return
        done = self.result
        kept: dict[str, Any] = {**self._of, "batches": self.tasks_done, "points": done.points}
        kept |= {"images": done.images, "cpu_s": round(done.cpu_s, 1)}
        try:
            write_whole(self._file, json.dumps(kept).encode() + b"\n")
        except OSError as error:
            raise InputError(
                f"{self._file}: {error.strerror}; name a file that can be written"
            ) from None

    @property
    def wall_s(self) -> float:
        """How long this run has taken."""
        return time.monotonic() - self.started_s

    @property
    def rate(self) -> float:
        """Points a second of this run."""
        return (self.result.points - self.points_before) / max(self.wall_s, 0.001)


def _prove(job: CutCampaign, todo: list[Task], proof: _Proof) -> None:
    from sim.powercut.run import run

    with terminal.progress() as bar:
        row = bar.add_task(
            f"seed {job.seed}", total=proof.tasks, completed=proof.tasks_done, word=""
        )

        def done(at: int, result: TaskResult) -> None:
            proof.add(result)
            word = f"{counted(proof.result.points, 'point')}, {proof.rate:,.0f}/s"
            bar.update(row, completed=proof.tasks_done, word=word)

        run(todo, job.jobs, done)


def _report(job: CutCampaign, proof: _Proof, *, as_json: bool, interrupted: bool) -> None:
    done = proof.result
    if as_json:
        document = {
            "depth": job.depth,
            "seed": job.seed,
            "points": done.points,
            "images": done.images,
            "tasks": proof.tasks,
            "tasks_done": proof.tasks_done,
            "wall_s": round(proof.wall_s, 1),
            "cpu_s": round(done.cpu_s, 1),
            "failures": [failure._asdict() for failure in done.failures],
        }
        terminal.print_json(document)
        return
    for failure in done.failures:
        terminal.err().print(f"{failure.promise} broken: ", style="bold", end="")
        terminal.err().print(failure.found, markup=False)
        terminal.err().print(f"repeat it: badge powercut {failure.options}", markup=False)
    rows = [
        ("depth", job.depth),
        ("seed", job.seed),
        ("cuts judged", f"{done.points:,}"),
        ("different images", f"{done.images:,}"),
        ("wall time", f"{proof.wall_s:.1f} s on {counted(job.jobs, 'process', 'processes')}"),
        ("CPU time", f"{done.cpu_s:.1f} s"),
        ("points a second", f"{proof.rate:,.0f}"),
        ("broken promises", len(done.failures)),
    ]
    title = "stopped early: proven so far" if interrupted else "power cuts"
    terminal.out().print(terminal.table(title, ("figure", "value"), rows))


def _repeat(text: str, *, core: bool) -> None:
    from sim.engine.promises import BrokenPromiseError
    from sim.powercut.cut import parse_point
    from sim.powercut.depths import repeat

    place = parse_point(text)
    try:
        repeat(place, core=core)
    except BrokenPromiseError as error:
        terminal.err().print(f"{place}: {error}", markup=False)
        raise click.exceptions.Exit(EXIT_DIFFERS) from None
    terminal.out().print(f"{place}: every promise held")
