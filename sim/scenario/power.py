"""`badge power`: what a scenario's badges draw, and how long a battery lasts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from badge.cli import terminal

if TYPE_CHECKING:
    from sim.scenario.plan.roster import Roster
    from sim.world.power import PartDraw, Profile

UPLOADS_S = (30.0, 120.0)
DAY_H = 24.0


@click.command()
@click.argument("scenario")
@click.option("--plot", type=click.Path(dir_okay=False, path_type=Path), help="A PNG or SVG file.")
@click.option("--json", "as_json", is_flag=True, help="The budgets as JSON.")
def power(scenario: str, plot: Path | None, as_json: bool) -> None:
    """Print the power budget of a SCENARIO's day, with uploads of 30 seconds and of 2 minutes.

    The day is that of the badge which is worn longest; the battery is its group's, at the
    scenario's temperature.
    """
    from sim.scenario.language.read import read_scenario
    from sim.scenario.plan.parameters import parameters_of
    from sim.scenario.plan.roster import Roster
    from sim.world.battery import Cell
    from sim.world.power import average_ma, budget, days

    source = read_scenario(scenario)
    roster = Roster(source, parameters_of(source))
    index, worn_h = _longest_day(roster)
    cell = Cell(roster.group(index).battery_mah)
    usable_mah = cell.usable_mah(source.scenario.temperature_c)
    budgets = {}
    for upload_s in UPLOADS_S:
        rows = budget(profile_of(roster, index, worn_h, upload_s))
        average = average_ma(rows)
        budgets[upload_s] = rows, average, days(average, usable_mah)
    if plot is not None:
        draw(plot, {upload_s: rows for upload_s, (rows, _, _) in budgets.items()})
    if as_json:
        terminal.print_json(
            [
                {
                    "upload_s": upload_s,
                    "average_ma": round(average, 2),
                    "days": round(lasts, 2),
                    "parts_ma": {row.part: round(row.average_ma, 3) for row in rows},
                }
                for upload_s, (rows, average, lasts) in budgets.items()
            ]
        )
        return
    screen = terminal.out()
    title = f"{source.scenario.scenario}: {worn_h:.1f} h worn a day, {usable_mah:.0f} mAh usable"
    short, long = (budgets[upload_s][0] for upload_s in UPLOADS_S)
    table = [
        (
            a.part,
            f"{a.current_ma:.2f}",
            f"{a.duty:.2%}",
            f"{a.average_ma:.2f}",
            f"{b.duty:.2%}",
            f"{b.average_ma:.2f}",
        )
        for a, b in zip(short, long, strict=True)
    ]
    averages = [f"{average:.2f}" for _, average, _ in budgets.values()]
    table.append(("all", "", "", averages[0], "", averages[1]))
    headings = ("part", "mA on", "30 s: on", "mA", "2 min: on", "mA")
    screen.print(terminal.table(title, headings, table))
    for upload_s, (_, _, lasts) in budgets.items():
        screen.print(f"uploads of {upload_s:g} s: a full battery lasts {lasts:.2f} days")


def profile_of(roster: Roster, index: int, worn_h: float, upload_s: float) -> Profile:
    """Give the power profile of a badge that is worn so many hours a day."""
    from sim.world.power import Profile

    share = worn_h / DAY_H
    every_s = roster.config(index).upload_interval_s
    name = roster.source.scenario.scenario
    redraws = 4.0 if worn_h else 1.0  # start, end, back to unassigned, one in between
    return Profile(
        name, min(upload_s, every_s), every_s, gps=share, scanning=share, redraws_per_day=redraws
    )


def draw(path: Path, budgets: dict[float, list[PartDraw]]) -> None:
    """Draw the parts of each budget as one bar."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axis = plt.subplots(figsize=(7.0, 2.4), layout="constrained")
    for upload_s, rows in budgets.items():
        left = 0.0
        for number, row in enumerate(rows):
            label = row.part if upload_s == UPLOADS_S[0] else None
            name = f"{upload_s:g} s uploads"
            axis.barh(name, row.average_ma, left=left, color=f"C{number}", label=label)
            left += row.average_ma
    axis.set_xlabel("mA on the average")
    axis.legend(frameon=False, fontsize=7, ncols=2, loc="upper right", bbox_to_anchor=(1.0, -0.25))
    axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=120)
    plt.close(figure)


def _longest_day(roster: Roster) -> tuple[int, float]:
    """Find the badge that is worn longest, and for how many hours a day."""
    spans = []
    for index in range(len(roster)):
        days = roster.days(index)
        worn_ms = max((day.end_ms - day.start_ms for day in days), default=0)
        spans.append((worn_ms, -index))
    worn_ms, index = max(spans)
    return -index, worn_ms / 3_600_000
