"""`badge simulate`: a scenario becomes traffic, files, recordings and the truth about them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from badge.cli import terminal
from badge.cli.exits import EXIT_DIFFERS
from badge.errors import InputError
from badge.host.processes import cores
from sim.platforms.open import ROWS

if TYPE_CHECKING:
    from sim.fleet.job import Job, Progress, Target
    from sim.fleet.output.folder import RunFolder
    from sim.fleet.parallel import Finished
    from sim.fleet.resume import Plan
    from sim.fleet.webhooks.options import Nobody, Wires
    from sim.fleet.webhooks.run import Band
    from sim.scenario.language.read import ScenarioFile
    from sim.scenario.plan.roster import Roster

_FOLDER = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)
_ON_SECRETS = (
    "Of a platform: peridio=HEX (twice: the second is rolled to), blecon='Name: value'.  "
    "Environment: BADGE_PERIDIO_SECRET, …"
)
_WITH_RESUME = frozenset(
    ("resumed", "api_key", "provisioning_key", "keys_file", "give_up", "jobs", "summary", "as_json")
) | {"secrets", *ROWS}


def _platform_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give an option for each row of the table of platforms."""
    for name in reversed(ROWS):
        say = f"Post what {name} would, there."
        command = click.option(f"--{name}", metavar="URL", help=say)(command)
    return command


@click.command()
@click.argument("scenario", required=False)
@click.option("--badges", type=click.IntRange(1, 100_000), help="How many; the crews repeat.")
@click.option("--hours", type=click.FloatRange(0.0, 24 * 366, min_open=True), help="How long.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Another seed, another day.")
@click.option("--speed", default="max", show_default=True, help="max, 1x, 60x, …")
@click.option("--start", help="When it begins, e.g. 2026-03-14T06:30:00Z.")
@click.option("--to", "url", help="An ingest, e.g. http://127.0.0.1:8080: upload as it goes.")
@click.option("--api-key", envvar="BADGE_API_KEY", help="One key for all badges.")
@click.option("--provision", "provisioning_key", help="A provisioning key: a key for each badge.")
@click.option("--keys", "keys_file", type=_FILE, help="The keys.json of an earlier run.")
@_platform_options
@click.option("--secret", "secrets", multiple=True, metavar="NAME=SECRET", help=_ON_SECRETS)
@click.option("--give-up", default="60s", show_default=True, help="No server for 90s, 10m, 2h.")
@click.option("--out", type=_FOLDER, help="The run's folder.  [default: run-<id>]")
@click.option("--split", is_flag=True, help="One file of events, and of batches, a badge.")
@click.option("--no-batches", is_flag=True, help="Leave out the batches, as they were sent.")
@click.option("--record", type=_FOLDER, help="A folder for one recording a badge.")
@click.option("--resume", "resumed", type=_FOLDER, help="Go on with a run that was cut short.")
@click.option("--jobs", type=click.IntRange(1, 256), help="Processes.  [default: as many as pay]")
@click.option("--summary", type=_FILE, help="The closing figures as a JSON file.")
@click.option("--json", "as_json", is_flag=True, help="The closing figures as JSON.")
def simulate(
    scenario: str | None,
    api_key: str | None,
    provisioning_key: str | None,
    keys_file: Path | None,
    give_up: str,
    resumed: Path | None,
    jobs: int | None,
    summary: Path | None,
    as_json: bool,
    secrets: tuple[str, ...],
    **words: Any,
) -> None:
    """Let badges live through a SCENARIO: a YAML file, or a name of `badge scenario list`.

    The same scenario, seed, badges, hours and start give the same bytes, at any speed.  What
    really happened is in the run's folder under truth/.  Exit code 1: the server went away.
    """
    from sim.fleet.job import Target
    from sim.fleet.output.folder import RunFolder
    from sim.fleet.pace import read_duration_s
    from sim.fleet.report import figures_of, report
    from sim.fleet.resume import read_plan
    from sim.fleet.webhooks.options import find_receivers, lacking, read_wires, told_with
    from sim.scenario.plan.roster import Roster

    wires = read_wires({name: words.pop(name) for name in ROWS}, secrets)
    if provisioning_key and api_key:
        raise InputError("--provision and --api-key: give one of the two")
    give_up_s = read_duration_s(give_up)
    if resumed is not None:
        _refuse_other_words()
        plan = read_plan(resumed)
        source = plan.source()
    else:
        source, plan = _planned(scenario, **words)
    if provisioning_key and not plan.url:
        raise InputError("--provision without --to URL: say where to upload")
    source = told_with(source, wires)
    find_receivers(wires)
    roster = Roster(source, plan.parameters)
    folder = RunFolder(_short(plan.out), resumed)
    keys = _keys(resumed, keys_file, api_key)
    target = None if plan.url is None else Target(plan.url, keys, give_up_s)
    with folder:
        begun_s = time.monotonic()
        try:
            if target is not None and provisioning_key:
                _provision(target, roster, keys, provisioning_key, folder, plan)
            folder.keep(plan, {} if api_key else keys)
            job, finished, band = _run(source, plan, target, folder, roster, jobs, wires)
            path, document = _complete(folder, plan, job, finished, {} if api_key else keys, band)
        except (InputError, OSError, KeyboardInterrupt) as error:
            raise _ended(folder, error) from None
    figures = figures_of(job, finished, document, time.monotonic() - begun_s, path)
    if document["complete"]:
        figures |= band.figures()
    report(job, finished, figures, summary, as_json=as_json)
    if missing := lacking(figures):
        terminal.err().print(f"{missing}; truth/platforms.ndjson says which", soft_wrap=True)
        raise click.exceptions.Exit(EXIT_DIFFERS)


def _refuse_other_words() -> None:
    """With --resume the run's own words count; InputError if another one is given."""
    context = click.get_current_context()
    for option in context.command.params:
        name = option.name or ""
        given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if given and name not in _WITH_RESUME:
            raise InputError(f"--resume goes on as the run was begun; leave out {option.opts[0]}")


def _planned(
    scenario: str | None,
    *,
    speed: str,
    url: str | None,
    out: Path | None,
    split: bool,
    no_batches: bool,
    record: Path | None,
    **parameters: Any,
) -> tuple[ScenarioFile, Plan]:
    from sim.fleet.job import Job
    from sim.fleet.pace import read_speed
    from sim.fleet.resume import Plan
    from sim.net.url import endpoint
    from sim.scenario.language.read import find, read_scenario, shipped_names
    from sim.scenario.plan.parameters import parameters_of

    if scenario is None:
        raise click.UsageError("Missing argument 'SCENARIO'; or --resume RUN.interrupted")
    source = read_scenario(scenario)
    what = parameters_of(source, **parameters)
    here = out or Path(f"run-{Job(source, what, Path()).run_id}")
    named = Path(scenario).exists() or scenario not in shipped_names()
    plan = Plan(
        str(find(scenario).absolute()) if named else scenario,
        source.digest,
        badges=what.badges,
        hours=what.hours,
        seed=what.seed,
        start=what.start,
        speed=read_speed(speed),
        url=None if url is None else endpoint(url),
        out=str(here.absolute()),
        split=split,
        batches=not no_batches,
        record=None if record is None else str(record.absolute()),
    )
    return source, plan


def _short(path: str) -> Path:
    """Give a path as a person would write it, here."""
    whole = Path(path)
    return whole.relative_to(Path.cwd()) if whole.is_relative_to(Path.cwd()) else whole


def _keys(resumed: Path | None, file: Path | None, api_key: str | None) -> dict[str, str]:
    from sim.fleet.upload.keys import FILE, read_keys

    if api_key:
        return {"": api_key}
    if file is None and resumed is not None and (resumed / FILE).exists():
        file = resumed / FILE
    return {} if file is None else read_keys(file)


def _provision(
    target: Target,
    roster: Roster,
    keys: dict[str, str],
    provisioning_key: str,
    folder: RunFolder,
    plan: Plan,
) -> None:
    """Get a key for each badge that has none; what came before a failure is kept."""
    from sim.fleet.upload.keys import provision

    devices = [roster.device_id(index) for index in range(len(roster))]
    try:
        provision(target.url, provisioning_key, roster.source.scenario.company_id, devices, keys)
    except InputError:
        folder.keep(plan, keys)
        raise


def _run(
    source: ScenarioFile,
    plan: Plan,
    target: Target | None,
    folder: RunFolder,
    roster: Roster,
    jobs: int | None,
    wires: Wires,
) -> tuple[Job, Finished, Band | Nobody]:
    from sim.fleet.job import Job
    from sim.fleet.parallel import processes_for, run_job
    from sim.fleet.report import word
    from sim.fleet.webhooks.options import band_of

    record = None if plan.record is None else Path(plan.record)
    if record is not None:
        record.mkdir(parents=True, exist_ok=True)
    job = Job(
        source,
        plan.parameters,
        folder.parts,
        plan.speed,
        target,
        record,
        plan.batches,
        folder.answers,
        plan.reached_ms,
    )
    processes = min(jobs or processes_for(job, cores()), plan.badges)
    with terminal.progress() as bar:
        task = bar.add_task("simulating", total=plan.badges * plan.parameters.end_ms, word="")
        begun_s, clock = time.monotonic(), roster.site_plan.clock

        def tell(progress: Progress) -> None:
            said = word(progress, clock.word(progress.sim_ms), begun_s)
            bar.update(task, completed=progress.badge_ms, word=said)

        with band_of(job, roster, wires, folder.platforms, processes) as band:
            finished = run_job(job, processes, tell)
            if is_whole(finished):
                bar.update(task, description="posting")
                band.finish()
        return job, finished, band


def is_whole(finished: Finished) -> bool:
    """Say whether a run went to its end."""
    return not finished.interrupted and finished.trouble is None


def _complete(
    folder: RunFolder,
    plan: Plan,
    job: Job,
    finished: Finished,
    keys: dict[str, str],
    band: Band | Nobody,
) -> tuple[Path, dict[str, Any]]:
    whole = is_whole(finished)
    if not finished.outcomes:
        raise KeyboardInterrupt
    if not whole:
        reached_ms = round(finished.figures.get("reached_ms", 0))
        folder.keep(replace(plan, reached_ms=reached_ms), keys)
    more = band.write if whole else lambda truth: {}
    return folder.complete(job, finished.outcomes, split=plan.split, whole=whole, more=more)


def _ended(folder: RunFolder, error: BaseException) -> BaseException:
    """Keep what a run needs to go on, and say so in the sentence of what ended it."""
    if not folder.can_go_on:
        return error if isinstance(error, (InputError, OSError)) else click.Abort()
    what = str(error)
    if isinstance(error, OSError):
        what = f"{error.filename or 'the run'}: {error.strerror or error}"
    cut = folder.cut_short()
    if isinstance(error, KeyboardInterrupt):
        return KeyboardInterrupt(f"stopped; badge simulate --resume {cut} goes on")
    return InputError(f"{what}; what was done is kept: badge simulate --resume {cut} goes on")
