"""`badge crashtest`: the ingest killed under load, and abused; all it promised is still there."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import ExitStack
from pathlib import Path
from secrets import randbelow
from typing import TYPE_CHECKING

import click

from badge.cli import terminal
from badge.cli.exits import EXIT_DIFFERS, EXIT_INTERRUPTED
from badge.host.systems import need_linux
from badge.words import counted

if TYPE_CHECKING:
    from sim.crashtest.plan import KillPlan
    from sim.crashtest.proof import Proof
    from sim.crashtest.siege import AbuseResult, Siege

# Recorded input that comes with the package: a shift, and what was heard on it.
_INPUT = Path(__file__).parents[1] / "demo" / "input"


@click.command()
@click.option(
    "--kills",
    default=200,
    show_default=True,
    type=click.IntRange(1, 1_000_000),
    help="SIGKILLs under load; a tenth as many more while it starts.",
)
@click.option(
    "--badges",
    default=50,
    show_default=True,
    type=click.IntRange(1, 500),
    help="How many badges upload at the same time.",
)
@click.option(
    "--seed", type=click.IntRange(0, 2**63 - 1), help="Same seed, same kills.  [default: drawn]"
)
@click.option("--abuse", is_flag=True, help="Only the bad clients and the full disk: no kills.")
@click.option("--commands", is_flag=True, help="Only the commands that write: kills, full disks.")
@click.option(
    "--disks",
    default=30,
    show_default=True,
    type=click.IntRange(0, 100_000),
    help="With --commands: how many sizes of a disk that is too small.",
)
@click.option("--json", "as_json", is_flag=True, help="The result as JSON.")
def crashtest(
    kills: int,
    badges: int,
    seed: int | None,
    abuse: bool,
    commands: bool,
    disks: int,
    as_json: bool,
) -> None:
    """Kill `badge serve` again and again while badges upload; then send it all kinds of nonsense.

    After every restart the database must hold everything that was acknowledged, once and
    unaltered; in the end, everything.  Bad clients must get the right answer, and a full disk
    must cost nothing but time.  With --commands every other command that writes is killed and
    starved in turn, and must in the end leave what a run leaves that nothing stopped.

    Exit code 1: a promise was broken.
    """
    need_linux("badge crashtest")
    from sim.crashtest.plan import draw_plan
    from sim.crashtest.proof import Proof
    from sim.crashtest.siege import Siege

    drawn = randbelow(2**32) if seed is None else seed
    if commands:
        _interrupt(drawn, kills, disks, as_json=as_json)
        return
    plan = draw_plan(drawn, kills, badges)
    proof = None if abuse else Proof(plan.seed, badges, len(plan.kills))
    siege = Siege()
    interrupted = False
    try:
        if proof is not None:
            _kill(plan, proof)
        if proof is None or not proof.broken:
            _besiege(siege)
    except KeyboardInterrupt:
        interrupted = True
    _show(proof, siege, as_json=as_json)
    if interrupted:
        terminal.err().print("badge: interrupted; the above was proven so far")
        raise SystemExit(EXIT_INTERRUPTED)
    if siege.broken or (proof is not None and proof.broken):
        raise SystemExit(EXIT_DIFFERS)


def _kill(plan: KillPlan, proof: Proof) -> None:
    from sim.crashtest.run import CrashRun

    load = sum(kill.at == "load" for kill in plan.kills)
    terminal.err().print(
        f"seed {plan.seed}: {counted(load, 'kill')} under load, {len(plan.kills) - load} while it "
        f"starts, {counted(proof.badges, 'badge')}"
    )
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="badge-crashtest-"))
        bar = stack.enter_context(terminal.progress())
        task = bar.add_task("kill", total=len(plan.kills), word="")

        def told(proof: Proof) -> None:
            word = f"{counted(proof.events_acknowledged, 'event')} acknowledged"
            bar.update(task, completed=proof.kills, word=word)

        asyncio.run(CrashRun(plan, proof, Path(folder), told).go())


def _besiege(siege: Siege) -> None:
    from sim.conformance.kit.abuse import NAMES
    from sim.crashtest.disk import disks, fill
    from sim.crashtest.siege import CROWDS, besiege
    from sim.engine.promises import BrokenPromiseError

    full = disks()
    if len(full) == 1:
        terminal.err().print(f"only {full[0].name} is tried: a full tmpfs needs root")
    with terminal.progress() as bar:
        task = bar.add_task("abuse", total=len(NAMES) + CROWDS + len(full), word="")

        def told(result: AbuseResult) -> None:
            siege.results.append(result)
            bar.update(task, advance=1, word=result.name)

        try:
            with tempfile.TemporaryDirectory(prefix="badge-crashtest-") as folder:
                asyncio.run(besiege(siege, Path(folder), told))
            for disk in full:
                with tempfile.TemporaryDirectory(prefix="badge-crashtest-") as folder:
                    told(asyncio.run(fill(disk, Path(folder))))
        except BrokenPromiseError as broken:
            siege.broken = str(broken)


def _show(proof: Proof | None, siege: Siege, *, as_json: bool) -> None:
    from sim.crashtest import report

    if as_json:
        kills = None if proof is None else proof.figures()
        terminal.print_json({"kills": kills, "abuse": siege.figures()})
        return
    if proof is not None:
        report.show_proof(terminal.out(), proof)
    if siege.results or siege.broken:
        report.show_siege(terminal.out(), siege)


def _interrupt(seed: int, kills: int, disks: int, *, as_json: bool) -> None:
    """Kill and starve every command that writes."""
    from sim.crashtest import report
    from sim.crashtest.interrupt import Interrupted, interrupt, undisturbed
    from sim.crashtest.writers import writers
    from sim.engine.promises import BrokenPromiseError

    walk, adverts = (str(_INPUT / name) for name in ("shift.gpx", "shift.csv"))
    table, seen, stopped = writers(walk, adverts), Interrupted(), False
    sizes = (counted(kills, "kill"), counted(disks, "disk"), counted(len(table), "command"))
    terminal.err().print(f"seed {seed}: {', '.join(sizes)}")
    with tempfile.TemporaryDirectory(prefix="badge-crashtest-") as top, terminal.progress() as bar:
        task = bar.add_task("commands", total=len(table) + kills + disks, word="")

        def told(name: str) -> None:
            bar.update(task, advance=1, word=name)

        folder, wholes = Path(top) / "run", []
        try:
            for writer in table:
                wholes.append(undisturbed(writer, folder))
                told(writer.name)
            interrupt(wholes, folder, seen, told, seed=seed, kills=kills, disks=disks)
        except BrokenPromiseError as broken:
            seen.broken = str(broken)
        except KeyboardInterrupt:
            stopped = True
    if as_json:
        terminal.print_json(seen.figures())
    else:
        report.show_interrupted(terminal.out(), seen)
    if stopped:
        terminal.err().print("badge: interrupted; the above was proven so far")
        raise SystemExit(EXIT_INTERRUPTED)
    if seen.broken:
        raise SystemExit(EXIT_DIFFERS)
