"""`badge simulate`: a scenario becomes traffic, files, recordings and the truth about them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from badge.cli import terminal
from badge.cli.exits import EXIT_DIFFERS
from badge.cli.options import telemetry_option
from badge.errors import InputError
from sim.platforms.open import ROWS
from sim.scenario.options import parameter_options

if TYPE_CHECKING:
    from sim.fleet.dataset.plan import Format
    from sim.fleet.resume import ResumePlan
    from sim.scenario.language.read import ScenarioFile

_FOLDER = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)
_ON_SECRETS = (
    "Of a platform: peridio=HEX (twice: the second is rolled to), blecon='Name: value'.  "
    "Environment: BADGE_PERIDIO_SECRET, …"
)
_ON_FAULTS = (
    "On the way to --to, of a tenth of the uploads or of a SHARE: lose-answer, duplicate, corrupt, "
    "late, reorder."
)
FOLDER_BADGES_MAX = 100_000  # a run holds what it knows of each of them until it is whole
ENGINES = ("auto", "columnar", "python")
_ON_ENGINE = "What runs the badges; the bytes are the same.  [default: columnar where it can]"
FORMATS = ("parquet", "ndjson")
_ON_FORMAT = "Of a data set.  [default: parquet]"
_WITH_DASK = frozenset(
    ("scenario", "badges", "hours", "seed", "start", "out", "dask", "form", "part_badges")
) | {"summary", "as_json", "engine"}
_ON_CORE = "Let your core in C (badge_core.h) take every step too; c is ours."
_WITH_RESUME = frozenset(
    (
        "resumed",
        "api_key",
        "provisioning_key",
        "keys_file",
        "give_up",
        "jobs",
        "engine",
        "core",
        "view",
        "summary",
        "as_json",
    )
) | {"secrets", *ROWS}


def _platform_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give an option for each row of the table of platforms."""
    for name in reversed(ROWS):
        say = f"Post what {name} would, there."
        command = click.option(f"--{name}", metavar="URL", help=say)(command)
    return command


@click.command()
@click.argument("scenario", required=False)
@parameter_options
@click.option("--speed", default="max", show_default=True, help="max, 1x, 60x, …")
@click.option("--to", "url", help="An ingest, e.g. http://127.0.0.1:8080: upload as it goes.")
@click.option("--api-key", envvar="BADGE_API_KEY", help="One key for all badges.")
@click.option("--provision", "provisioning_key", help="A provisioning key: a key for each badge.")
@click.option("--keys", "keys_file", type=_FILE, help="The keys.json of an earlier run.")
@click.option("--fault", "faults", multiple=True, metavar="NAME[=SHARE]", help=_ON_FAULTS)
@_platform_options
@click.option("--secret", "secrets", multiple=True, metavar="NAME=SECRET", help=_ON_SECRETS)
@click.option("--give-up", default="60s", show_default=True, help="No answer for 90s, 10m, 2h.")
@click.option("--out", help="The run's folder, or a data set's URL.  [default: run-<id>]")
@click.option("--split", is_flag=True, help="One file of events, and of batches, a badge.")
@click.option("--no-batches", is_flag=True, help="Leave out the batches, as they were sent.")
@click.option("--record", type=_FOLDER, help="A folder for one recording a badge.")
@click.option("--resume", "resumed", type=_FOLDER, help="Go on with a run that was cut short.")
@click.option("--jobs", type=click.IntRange(1, 256), help="Processes.  [default: as many as pay]")
@click.option("--engine", type=click.Choice(ENGINES), default="auto", help=_ON_ENGINE)
@click.option("--core", metavar="c|LIBRARY", help=_ON_CORE)
@click.option("--view", type=_FILE, help="Write the run as a page: badge view in one file.")
@click.option("--dask", help="Make a data set, by local:4 or a scheduler, tcp://HOST:8786.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="parquet", help=_ON_FORMAT)
@click.option("--part-badges", type=click.IntRange(1, 100_000), help="Badges of a part of it.")
@click.option("--summary", type=_FILE, help="The closing figures as a JSON file.")
@telemetry_option
@click.option("--json", "as_json", is_flag=True, help="The closing figures as JSON.")
def simulate(
    scenario: str | None,
    api_key: str | None,
    provisioning_key: str | None,
    keys_file: Path | None,
    give_up: str,
    resumed: Path | None,
    jobs: int | None,
    engine: str,
    core: str | None,
    view: Path | None,
    summary: Path | None,
    as_json: bool,
    secrets: tuple[str, ...],
    dask: str | None,
    form: Format,
    part_badges: int | None,
    **words: Any,
) -> None:
    """Let badges live through a SCENARIO: a YAML file, or a name of `badge scenario list`.

    The same scenario, seed, badges, hours and start give the same bytes, at any speed.  What
    really happened is in the run's folder under truth/.  Exit code 1: the server went away, or
    a core went wrong.
    """
    from badge.host.core.store import core_file
    from sim.fleet.output.folder import RunFolder
    from sim.fleet.pace import read_duration_s
    from sim.fleet.report import figures_of, report
    from sim.fleet.resume import read_plan
    from sim.fleet.run import Fleet, keys_of
    from sim.fleet.upload.backend import Target
    from sim.fleet.webhooks.options import find_receivers, lacking, read_webhooks, with_platforms

    if dask is not None:
        _make_dataset(scenario, dask, form, part_badges, summary, engine, as_json=as_json, **words)
        return
    for name in ("form", "part_badges"):
        if click.get_current_context().get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise InputError("--format and --part-badges are of a data set: say --dask, too")
    webhooks = read_webhooks({name: words.pop(name) for name in ROWS}, secrets)
    if provisioning_key and api_key:
        raise InputError("--provision and --api-key: give one of the two")
    give_up_s = read_duration_s(give_up)
    if resumed is not None:
        _refuse_words_without(_WITH_RESUME, "--resume goes on as the run was begun; leave out")
        plan = read_plan(resumed)
        source = plan.source()
    else:
        source, plan = _planned(scenario, **words)
    if provisioning_key and not plan.url:
        raise InputError("--provision without --to URL: say where to upload")
    source = with_platforms(source, webhooks)
    find_receivers(webhooks)
    library = None if core is None else core_file(core)
    if library is not None and (plan.url is not None or plan.speed is not None):
        raise InputError("--core compares in simulated time; leave out --to and --speed")
    folder = RunFolder(_short(plan.out), resumed)
    keys = keys_of(resumed, keys_file, api_key)
    target = None if plan.url is None else Target(plan.url, keys, give_up_s)
    fleet = Fleet(source, plan, webhooks, target, keys, provisioning_key, jobs, engine, library)
    ended = fleet.run(folder)
    if view is not None:
        from sim.view.keep import keep_run

        keep_run(ended.path, view, None if plan.record is None else Path(plan.record))
    figures = figures_of(ended)
    report(ended, figures, summary, as_json=as_json)
    if missing := lacking(figures):
        terminal.err().print(f"{missing}; truth/platforms.ndjson says which", soft_wrap=True)
        raise click.exceptions.Exit(EXIT_DIFFERS)


def _refuse_words_without(known: frozenset[str], why: str) -> None:
    """See that no option is given but those that count here; InputError names the first."""
    context = click.get_current_context()
    for option in context.command.params:
        name = option.name or ""
        given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if given and name not in known:
            raise InputError(f"{why} {option.opts[0]}")


def _make_dataset(
    scenario: str | None,
    dask: str,
    form: Format,
    badges_of_part: int | None,
    summary: Path | None,
    engine: str,
    *,
    as_json: bool,
    out: str | None,
    **words: Any,
) -> None:
    """Make a data set of all sites of a scenario."""
    from sim.fleet.dask import check_scheduler, make_dataset
    from sim.fleet.dataset.plan import DatasetPlan, part_badges
    from sim.fleet.report import report_dataset
    from sim.fleet.resume import digests_of
    from sim.fleet.run import tell_left_out
    from sim.scenario.language.read import read_scenario, sites_of
    from sim.scenario.plan.parameters import parameters_of
    from sim.scenario.plan.roster import Roster

    _refuse_words_without(_WITH_DASK, "--dask makes a data set; leave out")
    check_scheduler(dask)
    if scenario is None:
        raise InputError("--dask makes a data set of a SCENARIO: say which")
    if not out:
        raise InputError("--dask makes a data set: say where with --out, a folder or a store's URL")
    source = read_scenario(scenario)
    sources = sites_of(source)
    given = {name: words[name] for name in ("badges", "hours", "seed", "start")}
    asked = {site: parameters_of(one, **given) for site, one in sources.items()}
    for site, one in sources.items():
        roster = Roster(one, asked[site])
        tell_left_out(roster)
        roster.try_first_day()
    size = badges_of_part or part_badges(list(asked.values()))
    plan = DatasetPlan(
        source.scenario.scenario, sources, digests_of(source), asked, form, size, engine
    )
    with terminal.progress() as bar:
        task = bar.add_task("parts", total=None, word="")
        ended = make_dataset(
            plan, out, dask, lambda n, of: bar.update(task, completed=n, total=of, word=f"{n}/{of}")
        )
    report_dataset(ended, out, summary, as_json=as_json)


def _planned(
    scenario: str | None,
    *,
    speed: str,
    url: str | None,
    out: str | None,
    split: bool,
    no_batches: bool,
    record: Path | None,
    faults: tuple[str, ...],
    **parameters: Any,
) -> tuple[ScenarioFile, ResumePlan]:
    from sim.fleet.field.faults import read_faults
    from sim.fleet.job import Job
    from sim.fleet.pace import read_speed
    from sim.fleet.resume import ResumePlan, digests_of
    from sim.net.url import endpoint
    from sim.scenario.language.read import find, read_scenario, shipped_names
    from sim.scenario.plan.parameters import parameters_of

    if scenario is None:
        raise click.UsageError("Missing argument 'SCENARIO'; or --resume RUN.interrupted")
    shares = read_faults(faults)
    if shares and url is None:
        raise InputError("--fault without --to URL: it is on the way to a server")
    source = read_scenario(scenario)
    what = parameters_of(source, **parameters)
    if what.badges > FOLDER_BADGES_MAX:
        raise InputError(
            f"--badges {what.badges}: more than {FOLDER_BADGES_MAX:,} are a data set: add "
            "--dask local:2"
        )
    here = Path(out or f"run-{Job(source, what, Path()).run_id}")
    named = Path(scenario).exists() or scenario not in shipped_names()
    plan = ResumePlan(
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
        files=digests_of(source),
        faults=shares,
    )
    return source, plan


def _short(path: str) -> Path:
    """Give a path as a person would write it, here."""
    whole = Path(path)
    return whole.relative_to(Path.cwd()) if whole.is_relative_to(Path.cwd()) else whole
