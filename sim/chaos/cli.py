"""`badge chaos` and `badge shrink`: fleets under every fault, and a smaller plan that fails."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from badge.cli import terminal
from badge.cli.exits import EXIT_DIFFERS, EXIT_INTERRUPTED
from badge.cli.options import Finite
from badge.errors import InputError
from badge.host.documents import read_json
from badge.host.files import write_whole
from badge.words import counted

if TYPE_CHECKING:
    from sim.chaos.plan.plan import Plan
    from sim.chaos.proof import Proof

_FILE = click.Path(dir_okay=False, path_type=Path)
_INPUT = click.Path(dir_okay=False, exists=True, path_type=Path)
_FOLDER = click.Path(file_okay=False, exists=True, path_type=Path)
_SEED = click.IntRange(0, 2**63 - 1)


@click.command()
@click.option("--seeds", type=click.IntRange(1, 10**9), help="How many.  [default: 100]")
@click.option("--from", "first", type=_SEED, default=1, show_default=True, help="The first seed.")
@click.option("--hours", type=Finite(0, 1000, min_open=True), help="Go on for so long.")
@click.option("--seed", type=_SEED, help="One seed: print its plan, run it, show the result.")
@click.option("--plan", "plan_file", type=_INPUT, help="One plan, as `badge shrink` wrote it.")
@click.option("--processes", type=click.IntRange(1, 256), help="[default: one a core]")
@click.option("--once", is_flag=True, help="Run each seed once: no test of determinism.")
@click.option("--failures", type=_FILE, help="A file of seeds: run first, failed ones are added.")
@click.option("--out", type=_FOLDER, default=".", help="Where a failure's recording goes.")
@click.option(
    "--core",
    metavar="c|LIBRARY",
    help="A core in C in place of our badge (badge_core.h); c is ours.",
)
@click.option("--json", "as_json", is_flag=True, help="The result as JSON.")
def chaos(
    seeds: int | None,
    first: int,
    hours: float | None,
    seed: int | None,
    plan_file: Path | None,
    processes: int | None,
    once: bool,
    failures: Path | None,
    out: Path,
    core: str | None,
    as_json: bool,
) -> None:
    """Put fleets of badges under every fault: real badge, real journal, real ingest, one seed each.

    First phase: faults strike, every step is checked.  Second phase: everything heals, and every
    surviving event must be in the store, once.  Each seed runs twice, and both transcripts must
    be the same.  A core is checked by what its backend and its wires see.

    Exit code 1: a promise was broken, a kind of fault never struck, or a table row was never used.
    """
    from badge.host.core.store import core_file

    if sum(choice is not None for choice in (seeds, hours, seed, plan_file)) > 1:
        raise InputError("--seeds, --hours, --seed and --plan exclude each other: name one of them")
    library = None if core is None else core_file(core)
    if seed is not None or plan_file is not None:
        _one(_plan(seed, plan_file), out, library, once=once, as_json=as_json)
        return
    _many(seeds, first, hours, processes, failures, out, library, once=once, as_json=as_json)


@click.command()
@click.option("--seed", type=_SEED, help="The seed that fails.")
@click.option("--plan", "plan_file", type=_INPUT, help="Or a plan that fails.")
@click.option("--out", type=_FILE, help="Where the plan goes.  [default: chaos-SEED.plan.json]")
def shrink(seed: int | None, plan_file: Path | None, out: Path | None) -> None:
    """Find a smaller plan that breaks the same promise: fewer faults, fewer badges, less time.

    Exit code 1: found, and written; 0: the plan does not fail.
    """
    from sim.chaos import report
    from sim.chaos.run import Failure, PlanRun
    from sim.chaos.shrink import shrink as shrink_plan

    if (seed is None) == (plan_file is None):
        raise InputError("name the plan: either --seed N or --plan FILE")
    plan, screen, notes = _plan(seed, plan_file), terminal.out(), terminal.err()
    failure = PlanRun(plan).go().failure
    if failure is None:
        screen.print(f"seed {plan.seed}: no promise is broken, there is nothing to shrink")
        return

    def tried(smaller: Plan, found: Failure | None) -> None:
        on = sum(1 for rate in smaller.faults.values() if rate)
        badges, kinds = counted(len(smaller.badges), "badge"), counted(on, "kind")
        size = f"{badges}, {smaller.minutes} min, {kinds} of faults"
        notes.print(f"{size}: {found.promise if found else 'holds'}")

    plan, failure = shrink_plan(plan, failure, tried)
    path = out or Path(f"chaos-{plan.seed}.plan.json")
    write_whole(path, json.dumps(plan.document(), indent=1).encode() + b"\n")
    report.print_plan(screen, plan)
    screen.print(failure.text, markup=False)
    screen.print(f"\nagain:  badge chaos --plan {path}")
    raise click.exceptions.Exit(EXIT_DIFFERS)


def _plan(seed: int | None, plan_file: Path | None) -> Plan:
    from sim.chaos.plan.plan import draw_plan, read_plan

    if plan_file is None:
        assert seed is not None
        return draw_plan(seed)
    return read_plan(read_json(plan_file), str(plan_file))


def _one(plan: Plan, out: Path, core: Path | None, *, once: bool, as_json: bool) -> None:
    """Run one plan and show everything."""
    from time import perf_counter

    from sim.chaos import report
    from sim.chaos.proof import Proof
    from sim.chaos.run import prove

    screen, started_s = terminal.out(), perf_counter()
    if not as_json:
        report.print_plan(screen, plan)
    result = prove(plan, twice=not once, core=core)
    proof = Proof()
    proof.add(result)
    if as_json:
        failure = result.failure
        lines = list(failure.last_lines) if failure else []
        terminal.print_json({"plan": plan.document(), **proof.document(), "last_lines": lines})
    else:
        report.print_strikes(screen, proof)
        report.print_proof(screen, proof, perf_counter() - started_s)
    if result.failure is not None:
        if not as_json:
            report.print_failure(screen, result)
        if core is None:
            _record(plan, out)
        raise click.exceptions.Exit(EXIT_DIFFERS)


def _record(plan: Plan, out: Path) -> None:
    """Run a failing plan again with a tape in each badge, and write the failing one's."""
    from sim.chaos.rig.tape import Tape
    from sim.chaos.run import PlanRun

    run = PlanRun(plan, tape=Tape)
    failure = run.go().failure
    if failure is None:
        return
    path = out / f"chaos-{plan.seed}.ndjson"
    note = f"badge chaos, seed {plan.seed}: {failure.text}"
    if run.write_recording(failure.device_id, path, note[:1000]):
        terminal.err().print(f"the badge's last boot, for badge replay: {path}", soft_wrap=True)


def _many(
    count: int | None,
    first: int,
    hours: float | None,
    processes: int | None,
    failures: Path | None,
    out: Path,
    core: Path | None,
    *,
    once: bool,
    as_json: bool,
) -> None:
    """Run many seeds and show what they prove together."""
    from sim.chaos import report
    from sim.chaos.campaign import Campaign
    from sim.chaos.plan.plan import draw_plan
    from sim.chaos.plan.seeds import add_seeds, read_seeds

    known = read_seeds(failures) if failures else ()
    campaign = Campaign(known, first, count, hours, processes, twice=not once, core=core)
    campaign.go()
    proof, screen = campaign.proof, terminal.out()
    if as_json:
        terminal.print_json({**proof.document(), "interrupted": campaign.interrupted})
    else:
        report.print_strikes(screen, proof)
        report.print_proof(screen, proof, campaign.elapsed_s)
    if failures:
        add_seeds(failures, _broken(proof))
    if proof.failures:
        _show_failures(proof, as_json=as_json)
        if core is None:
            _record(draw_plan(min(proof.failures)), out)
    if campaign.lost is not None:
        raise campaign.lost
    if campaign.interrupted:
        terminal.err().print("interrupted: this much is proven, and no more")
        raise click.exceptions.Exit(EXIT_INTERRUPTED)
    if core is not None:  # its tables are its own, and what it cannot do does not strike
        raise click.exceptions.Exit(EXIT_DIFFERS if proof.failures else 0)
    report.print_missing(terminal.err(), proof)
    if proof.failures or proof.missing_faults or proof.missing_rows:
        raise click.exceptions.Exit(EXIT_DIFFERS)


def _broken(proof: Proof) -> list[tuple[int, str]]:
    return [
        (seed, result.failure.promise)
        for seed, result in sorted(proof.failures.items())
        if result.failure is not None
    ]


def _show_failures(proof: Proof, *, as_json: bool) -> None:
    from sim.chaos import report

    screen = terminal.err() if as_json else terminal.out()
    broken = _broken(proof)
    if len(broken) > 1:
        screen.print(f"{counted(len(broken), 'seed fails', 'seeds fail')}; the first in full")
        screen.print(", ".join(f"{seed} ({promise})" for seed, promise in broken[:50]))
    report.print_failure(screen, proof.failures[min(proof.failures)])
