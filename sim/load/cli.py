"""`badge load`: how much a backend takes, and how long it takes it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from badge.cli import terminal
from badge.cli.exits import EXIT_DIFFERS, EXIT_INTERRUPTED
from badge.cli.options import Finite, telemetry_option
from badge.errors import InputError
from sim.net.url import endpoint

if TYPE_CHECKING:
    from sim.load.run import Loaded, LoadOptions

_FILE = click.Path(dir_okay=False, path_type=Path)
FIND_S, STEADY_S = 5.0, 30.0
COMPANY = "CO-LOAD"


@click.command("load")
@click.argument("url")
@click.option("--rate", default="100/s", show_default=True, help="500/s, ramp or find.")
@click.option("--for", "seconds", type=Finite(0.1, 86_400), help="Seconds.  [default: 30; find: 5]")
@click.option("--most", metavar="RATE", help="Where a ramp ends, what find tries at most.")
@click.option("--p99", "p99_ms", type=Finite(0.001), help="Milliseconds: exit 1 beyond; of find.")
@click.option("--from", "source", metavar="BATCHES", help="A run, batches, events, recordings.")
@click.option("--scenario", help="What its badges upload.")
@click.option("--badges", type=click.IntRange(1, 10_000), help="Of the scenario.  [default: 20]")
@click.option("--hours", type=Finite(0.1, 240), help="Of the scenario.  [default: 4]")
@click.option("--same", is_flag=True, help="The same batches again: duplicates, not new ones.")
@click.option(
    "--connections",
    type=click.IntRange(1, 10_000),
    default=50,
    show_default=True,
    help="Batches under way at once.",
)
@click.option(
    "--timeout",
    "timeout_s",
    type=Finite(0.01, 600),
    default=10.0,
    show_default=True,
    help="Seconds until a batch counts as unanswered.",
)
@click.option("--api-key", envvar="BADGE_API_KEY", help="One key for all badges.")
@click.option("--keys", "keys_file", type=_FILE, help="The keys.json of a run.")
@click.option("--provision", "provisioning_key", help="Makes a key for each badge.")
@click.option("--remote", is_flag=True, help="The backend is another machine, and yours to load.")
@click.option("--view", type=_FILE, help="Write it as a page: latency over time, answers.")
@telemetry_option
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON.")
def load_command(
    url: str,
    rate: str,
    seconds: float | None,
    most: str | None,
    p99_ms: float | None,
    source: str | None,
    scenario: str | None,
    badges: int | None,
    hours: float | None,
    same: bool,
    connections: int,
    timeout_s: float,
    api_key: str | None,
    keys_file: Path | None,
    provisioning_key: str | None,
    remote: bool,
    view: Path | None,
    as_json: bool,
) -> None:
    """Put a load of batches on the backend at URL.

    The loop is open: a batch leaves when it is due, answered or not the ones before, and its
    latency counts from that moment.  --rate find looks for the highest rate whose --p99 (100 ms)
    holds.  Without --from or --scenario batches of 100 gps events are made.  Each pass raises
    the numbers, so that no batch is a duplicate.

    Exit code: 0 done, 1 --p99 was not held, or nothing was taken, 2 bad input, 130 interrupted:
    the table comes in any case.
    """
    from sim.fleet.report import refused
    from sim.fleet.run import keys_of
    from sim.load import report
    from sim.load.page import page_of
    from sim.load.run import LoadOptions, batches_of, check, load
    from sim.load.target import target_of
    from sim.load.timeline import LatencyTimeline

    asked = seconds or (FIND_S if rate == "find" else STEADY_S)
    options = LoadOptions(
        rate, asked, most, p99_ms, connections, timeout_s, same, source, scenario, badges, hours
    )
    check(options)
    if provisioning_key and api_key:
        raise InputError("--provision and --api-key: give one of the two")
    keys = keys_of(None, keys_file, api_key)
    target_of(url, keys, remote=remote)  # before anything is made, or asked for
    with terminal.err().status("making batches"):
        batches = batches_of(options, lambda progress: None, new=bool(provisioning_key))
    if provisioning_key:
        from sim.fleet.upload.keys import provision

        devices = list(dict.fromkeys(one.device_id for one in batches))
        with terminal.err().status("provisioning"):
            provision(endpoint(url, "URL"), provisioning_key, COMPANY, devices, keys)
    target = target_of(url, keys, remote=remote)
    with report.live(target.shown) as tell:
        timeline = LatencyTimeline(tell)
        told = tell if view is None or rate == "find" else timeline.told
        loaded = load(options, target, batches, told)
    if view is not None:
        from sim.view.keep import keep_report

        arrivals = None if rate == "find" else options.arrivals()
        made = page_of(loaded, timeline, target.shown, arrivals)
        keep_report(made, f"badge load {target.shown}", view)
    if as_json:
        terminal.print_json(loaded.document())
    else:
        _print(loaded, target.shown, options)
    remedy = refused(loaded.counts.as_answers(), "--api-key KEY, --keys FILE or --provision KEY")
    if remedy:
        terminal.err().print(remedy, markup=False, soft_wrap=True)
    if loaded.interrupted:
        raise click.exceptions.Exit(EXIT_INTERRUPTED)
    if not _is_good(loaded, options):
        raise click.exceptions.Exit(EXIT_DIFFERS)


def _print(loaded: Loaded, shown: str, options: LoadOptions) -> None:
    from sim.load import report
    from sim.load.run import P99_MS

    if not loaded.probes:
        report.print_tables(shown, loaded.counts)
        return
    rows = [report.probe_row(rate, counts, holds=good) for rate, counts, good in loaded.probes]
    report.print_probes(shown, rows)
    limit_ms = P99_MS if options.p99_ms is None else options.p99_ms
    if loaded.highest_per_s is None:
        terminal.say(f"\nno rate was found that holds 99 % within {limit_ms:g} ms")
    else:
        terminal.say(f"\n{loaded.highest_per_s:,.0f} batches/s hold 99 % within {limit_ms:g} ms")


def _is_good(loaded: Loaded, options: LoadOptions) -> bool:
    from sim.load.run import holds

    if options.rate == "find":
        return loaded.highest_per_s is not None
    if options.p99_ms is not None and not holds(loaded.counts, options.p99_ms):
        return False
    return loaded.counts.taken > 0
