"""`badge demo`: a crew of five for a day into the embedded ingest, and the check afterwards."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from pydantic_core import from_json

from badge.cli import terminal
from badge.cli.exits import EXIT_DIFFERS, EXIT_INTERRUPTED
from badge.cli.options import RenamedOption
from badge.errors import InputError
from badge.extras import lacking
from badge.host.systems import lock
from badge.words import counted

if TYPE_CHECKING:
    from sim.ingest.store.sqlite import SqliteStore

SCENARIO = "crew-of-five"
FILES = (
    *("ingest.db", "ingest.db-wal", "ingest.db-shm", "shift.ndjson"),
    *("events.ndjson", "badge.flash", "picture.html"),
)
PICTURE = "picture.html"
FOLDERS = ("run", "run.interrupted", "recordings")
_FILE = click.Path(dir_okay=False, path_type=Path)
MARK = ".badge-demo"
Key = tuple[str, int]


@click.command()
@click.option(
    "--out",
    "folder",
    cls=RenamedOption,
    old_names=("--dir",),
    type=click.Path(file_okay=False, path_type=Path),
    default="badge-demo",
    show_default=True,
    help="Where the files go.",
)
@click.option("--one", is_flag=True, help="One badge's shift; the base install is enough.")
@click.option("--view", type=_FILE, help="Write its picture there.  [default: in the folder]")
@click.option("--json", "as_json", is_flag=True, help="The outcome as JSON.")
def demo(folder: Path, one: bool, view: Path | None, as_json: bool) -> None:
    """Run a crew of five for a day: real code all the way into an ingest on this machine.

    Exit code 1: what the ingest holds is not what the badges logged.
    """
    if not one:
        _need_extra()
    with _cleared(folder):
        if one:
            from sim.demo.one import run_one

            run_one(folder, view, as_json=as_json)
        else:
            _run_crew(folder, view or folder / PICTURE, as_json=as_json)


def _need_extra() -> None:
    """Say in one sentence what is missing, before anything is written."""
    for name in ("numpy", "shapely", "yaml", "httptools"):
        if find_spec(name) is None:
            remedy = "without it, badge demo --one runs the shift of one badge"
            raise InputError(f"{lacking(name, 'the crew')}; {remedy}")


def _run_crew(folder: Path, view: Path, *, as_json: bool) -> None:
    from sim.ingest.launch import launch_ingest
    from sim.ingest.store.sqlite import SqliteStore
    from sim.view.keep import keep_run

    (folder / "recordings").mkdir()
    with launch_ingest(SqliteStore(folder / "ingest.db")) as server:
        document = _run(folder, server.url)
        differing = _differing(folder / "run", server.store)
        duplicates = server.store.counts().duplicates
    first = document["devices"][0]
    shutil.copyfile(folder / "recordings" / f"{first}.ndjson", folder / "shift.ndjson")
    keep_run(folder / "run", view, folder / "recordings")
    if as_json:
        terminal.print_json(
            {"counts": document["counts"], "duplicates": duplicates, "differing": differing}
        )
    else:
        _print(folder, document, duplicates, differing)
        terminal.say(f"\nlook at it: {view.absolute().as_uri()}")
    if differing:
        raise click.exceptions.Exit(EXIT_DIFFERS)


@contextmanager
def _cleared(folder: Path) -> Iterator[None]:
    """Remove what an earlier demo has left, and nothing that another program made, or makes now."""
    folder.mkdir(parents=True, exist_ok=True)
    mark = folder / MARK
    for name in (*FILES, *FOLDERS):
        if not mark.exists() and (folder / name).exists():
            raise InputError(f"{folder / name} is not a demo's; name another folder with --out")
    with mark.open("ab") as held:
        try:
            lock(held)
        except BlockingIOError:
            what = "another demo is made there now; wait for it, or name another folder with --out"
            raise InputError(f"{folder}: {what}") from None
        for name in FILES:
            (folder / name).unlink(missing_ok=True)
        for name in FOLDERS:
            shutil.rmtree(folder / name, ignore_errors=True)
        yield


def _run(folder: Path, url: str) -> dict[str, Any]:
    from sim.fleet.job import Job
    from sim.fleet.output.folder import RunFolder
    from sim.fleet.parallel import run_job
    from sim.fleet.run import run_document
    from sim.fleet.upload.backend import Target
    from sim.net.url import endpoint
    from sim.scenario.drawing import drawing_of
    from sim.scenario.language.read import read_scenario
    from sim.scenario.plan.parameters import parameters_of
    from sim.scenario.plan.roster import Roster

    source = read_scenario(SCENARIO)
    parameters = parameters_of(source)
    with RunFolder(folder / "run") as building, terminal.progress() as bar:
        target = Target(endpoint(url))
        job = Job(source, parameters, building.parts, None, target, folder / "recordings")
        task = bar.add_task("a day of five", total=parameters.badges * parameters.end_ms, word="")
        finished = run_job(job, 1, lambda now: bar.update(task, completed=now.badge_ms))
        if finished.interrupted:
            raise click.exceptions.Exit(EXIT_INTERRUPTED)
        if finished.trouble is not None:
            raise InputError(finished.trouble)
        document = run_document(job, finished.results, whole=True)
        building.keep_site(drawing_of(Roster(source, parameters)))
        return building.complete(document, finished.results, split=False, batches=False)[1]


def _differing(run: Path, store: SqliteStore) -> dict[str, int]:
    """Compare every event that was logged with what the ingest holds."""
    with (run / "events.ndjson").open("rb") as lines:
        logged = {_key(event): event for event in map(from_json, lines)}
    held = {_key(event): event for event in store.events()}
    found = Counter(
        missing=len(logged.keys() - held.keys()),
        invented=len(held.keys() - logged.keys()),
        altered=sum(held[key] != event for key, event in logged.items() if key in held),
    )
    return {kind: count for kind, count in found.items() if count}


def _key(event: dict[str, Any]) -> Key:
    return event["device_id"], event["sequence_number"]


def _print(
    folder: Path, document: dict[str, Any], duplicates: int, differing: dict[str, int]
) -> None:
    counts, screen = document["counts"], terminal.out()
    rows = [*counts["by_type"].items(), ("all", counts["events"])]
    screen.print(terminal.table("A crew of five, one day", ("event", "logged"), rows))
    screen.print(f"\ndelivered   {counts['delivered']}, {duplicates} of them twice")
    screen.print(
        f"truth       {counted(counts['shifts'], 'shift')}, {counted(counts['visits'], 'visit')}, "
        f"{counted(counts['sessions'], 'session')}, {counts['presence']} times at a machine"
    )
    words = ", ".join(f"{count} {kind}" for kind, count in differing.items())
    screen.print(
        f"the ingest  {words or 'holds every event once, as it was logged'}",
        style="bold red" if differing else "bold green",
    )
    for line in (
        f"\nin {folder}/: run/ (events and truth), recordings/, shift.ndjson, ingest.db",
        f"next: badge reconcile {folder}/run --against sqlite:///{folder}/ingest.db",
        f"      badge replay {folder}/shift.ndjson",
        f"      badge scenario new site.yaml --from {SCENARIO}",
    ):
        screen.print(line, markup=False, soft_wrap=True)
