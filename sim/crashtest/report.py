"""What a person is shown at the end."""

from __future__ import annotations

from rich.console import Console

from badge.cli import terminal
from badge.words import counted
from sim.conformance.kit.abuse import NAMES
from sim.crashtest.interrupt import Interrupted
from sim.crashtest.proof import Proof
from sim.crashtest.siege import PEAK_BYTES_MAX, AbuseResult, Siege


def show_proof(screen: Console, proof: Proof) -> None:
    """Print what the kills have proven."""
    figures = proof.figures()
    rows = [
        ("killed under load", figures["kills_under_load"]),
        ("killed while starting", figures["kills_at_start"]),
        ("audits after a restart", figures["audits"]),
        ("events acknowledged", figures["events_acknowledged"]),
        ("events in the database", figures["events_kept"]),
        ("batches answered", figures["requests_answered"]),
        ("batches cut off by a kill", figures["requests_cut"]),
        ("attempts that found no server", figures["requests_refused"]),
        ("start, median s", figures["start_median_s"]),
        ("start, longest s", figures["start_max_s"]),
        ("wall s", figures["wall_s"]),
    ]
    screen.print(
        terminal.table(f"seed {proof.seed}, {counted(proof.badges, 'badge')}", ("", ""), rows)
    )
    screen.print(_verdict(proof))


def _verdict(proof: Proof) -> str:
    if proof.broken:
        return f"BROKEN after {counted(proof.kills, 'kill')}: {proof.broken}"
    kept = f"{counted(proof.kills, 'kill')}, nothing acknowledged is missing or there twice"
    return kept + ("; everything is delivered." if proof.delivered else " so far.")


def show_siege(screen: Console, siege: Siege) -> None:
    """Print what each abuse was answered, and the memory it cost."""
    rows = [(name, *_answers(results)) for name, results in _by_name(siege).items()]
    screen.print(terminal.table("abuse", ("", "answers", "longest s"), rows))
    if siege.memory:
        rounds = ", ".join(f"{size >> 20}" for size in siege.memory)
        most = f"{siege.memory_peak >> 20} at most (bound {PEAK_BYTES_MAX >> 20})"
        screen.print(f"memory of the server, MiB: {rounds}; {most}")
    screen.print(f"BROKEN: {siege.broken}" if siege.broken else "Every answer is the right one.")


def _by_name(siege: Siege) -> dict[str, list[AbuseResult]]:
    """Group the results in the order of the table; those not in it follow as they came."""
    found: dict[str, list[AbuseResult]] = {name: [] for name in NAMES}
    for result in siege.results:
        found.setdefault(result.name, []).append(result)
    return {name: results for name, results in found.items() if results}


def _answers(results: list[AbuseResult]) -> tuple[str, str]:
    statuses = [status for result in results for status in result.statuses]
    seen = {status: statuses.count(status) for status in sorted(set(statuses))}
    words = [f"{status or 'closed'}" + (f" x{n}" if n > 1 else "") for status, n in seen.items()]
    return ", ".join(words), f"{max(result.seconds for result in results):.2f}"


def show_interrupted(screen: Console, seen: Interrupted) -> None:
    """Print which commands were stopped how often, and that nothing came of it."""
    names = sorted({*seen.kills, *seen.disks})
    rows = [(name, seen.kills.get(name, 0), seen.disks.get(name, 0)) for name in names]
    screen.print(terminal.table("commands that write", ("command", "kills", "disks"), rows))
    kills, disks = sum(seen.kills.values()), sum(seen.disks.values())
    if seen.broken:
        screen.print(
            f"BROKEN after {counted(kills, 'kill')} and {counted(disks, 'disk')}: {seen.broken}",
            markup=False,
        )
        return
    screen.print(
        f"{counted(kills, 'kill')}, {counted(disks, 'disk')} ({seen.full} of them full): each goes "
        "on, and its files are those of a run that nothing stopped."
    )
