"""How a campaign speaks: the plan before it, the proof after it, and a failure in full."""

from __future__ import annotations

from rich.console import Console

from badge.cli import terminal
from badge.words import counted
from sim.chaos.plan.faults import KINDS
from sim.chaos.plan.plan import Plan, draw_design
from sim.chaos.proof import Proof
from sim.chaos.run import DELIVERY_MS, PlanResult, reachable_rows

ENOUGH_SEEDS = 200


def print_plan(screen: Console, plan: Plan) -> None:
    """Print what a run is going to do, before it does it."""
    hours = f"{plan.minutes // 60} h {plan.minutes % 60:02} min"
    screen.print(
        f"seed {plan.seed}: {counted(len(plan.badges), 'badge')} under every fault for {hours}"
    )
    rows = [
        (name, f"{rate:g}", KINDS[name].how, KINDS[name].says)
        for name, rate in plan.faults.items()
        if rate
    ]
    screen.print(terminal.table("", ("fault", "rate", "", ""), rows))
    off = [name for name, rate in plan.faults.items() if not rate]
    screen.print(f"off: {', '.join(off) or 'none'}\n")
    designs = [draw_design(plan.seed, index) for index in plan.badges]
    crew = [
        (
            design.config.device_id,
            design.config.gps_interval_s,
            design.config.ble_scan_period_s,
            design.config.upload_interval_s,
            design.config.queue_events_max,
            f"{design.geometry.ring_pages} x {design.geometry.page_bytes}",
        )
        for design in designs
    ]
    headings = ("badge", "gps s", "scan s", "upload s", "queue", "flash pages")
    screen.print(terminal.table("", headings, crew))
    screen.print()


def print_failure(screen: Console, result: PlanResult) -> None:
    """Print a run's first broken promise and the lines that led to it."""
    failure = result.failure
    assert failure is not None
    screen.print(f"seed {result.seed}: BROKEN after {_clock(failure.at_ms)}", style="bold red")
    screen.print(failure.text, markup=False)
    if failure.last_lines:
        screen.print(f"\nthe last {counted(len(failure.last_lines), 'line')}:")
    for line in failure.last_lines:
        screen.print(line, markup=False, soft_wrap=True)
    screen.print(f"\nagain:    badge chaos --seed {result.seed}")
    screen.print(f"smaller:  badge shrink --seed {result.seed}")


def print_proof(screen: Console, proof: Proof, elapsed_s: float) -> None:
    """Print what was proven."""
    used = len(reachable_rows()) - len(proof.missing_rows)
    rate = proof.badge_hours / max(elapsed_s, 1e-9)
    limit_s = DELIVERY_MS // 1000
    rows = [
        ("seeds", f"{proof.runs:,}"),
        ("badge-hours", f"{proof.badge_hours:,.0f}"),
        ("events logged", f"{proof.events:,}"),
        ("boots, losses of power", f"{proof.counts['boots']:,}, {proof.counts['cuts']:,}"),
        ("given up on a full queue", f"{proof.counts['dropped']:,}"),
        ("delivered after healing", f"{proof.healed_after_ms // 1000:,} s (limit {limit_s:,} s)"),
        ("fault kinds that struck", f"{len(KINDS) - len(proof.missing_faults)} of {len(KINDS)}"),
        ("table rows used", f"{used} of {len(reachable_rows())}"),
        ("broken promises", f"{len(proof.failures)}"),
        (
            "took",
            f"{elapsed_s:,.1f} s ({rate:,.0f} badge-hours/s), {proof.cpu_s:,.0f} s CPU",
        ),
        ("hash of all transcripts", proof.digest),
    ]
    screen.print(terminal.table("", ("proven", ""), rows))


def print_strikes(screen: Console, proof: Proof) -> None:
    """Print how often each kind of fault struck."""
    rows = [(name, f"{proof.strikes[name]:,}", KINDS[name].says) for name in KINDS]
    screen.print(terminal.table("", ("fault", "strikes", ""), rows))


def print_missing(screen: Console, proof: Proof) -> None:
    """Name what a whole campaign should have met."""
    for name in proof.missing_faults:
        screen.print(f"never struck: {name}", style="bold red")
    for row in proof.missing_rows:
        screen.print(f"never used: {row}", style="bold red", markup=False)
    if (proof.missing_faults or proof.missing_rows) and proof.runs < ENOUGH_SEEDS:
        screen.print(
            f"{counted(proof.runs, 'seed is', 'seeds are')} few: {ENOUGH_SEEDS} meet everything"
        )


def _clock(ms: int) -> str:
    return f"{ms // 3_600_000} h {ms // 60_000 % 60:02} min {ms / 1000 % 60:06.3f} s"
