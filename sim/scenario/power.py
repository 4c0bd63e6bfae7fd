"""`badge power`: what a scenario's badges draw, and how long a battery lasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from badge.cli import terminal
from badge.errors import InputError

if TYPE_CHECKING:
    from sim.scenario.plan.roster import Roster
    from sim.world.power import PartDraw, Profile

UPLOADS_S = (30.0, 120.0)
DAY_H = 24.0


CURRENTS = ("documents", "published")
PICTURES = (".png", ".svg", ".pdf")


@dataclass(frozen=True, slots=True)
class _Life:
    """One budget: whose currents, how long an upload, its parts, and how long a battery lasts."""

    currents: str
    upload_s: float
    rows: list[PartDraw]
    average_ma: float
    days: float


@click.command()
@click.argument("scenario")
@click.option("--plot", type=click.Path(dir_okay=False, path_type=Path), help="A PNG or SVG file.")
@click.option(
    "--currents",
    type=click.Choice([*CURRENTS, "both"]),
    default="both",
    show_default=True,
    help="What the parts draw: by the badge's documents, or as their makers publish it.",
)
@click.option("--json", "as_json", is_flag=True, help="The budgets as JSON.")
def power(scenario: str, plot: Path | None, currents: str, as_json: bool) -> None:
    """Print the power budget of a SCENARIO's day, with uploads of 30 seconds and of 2 minutes.

    The day is that of the badge which is worn longest; the battery is its group's, at the
    scenario's temperature.
    """
    from sim.scenario.language.read import read_scenario
    from sim.scenario.plan.parameters import parameters_of
    from sim.scenario.plan.roster import Roster
    from sim.world.battery import Cell

    if plot is not None and plot.suffix.lower() not in PICTURES:
        raise InputError(f"--plot {plot}: name it {', '.join(PICTURES[:-1])} or {PICTURES[-1]}")
    source = read_scenario(scenario)
    roster = Roster(source, parameters_of(source))
    index, worn_h = _longest_day(roster)
    usable_mah = Cell(roster.group(index).battery_mah).usable_mah(source.scenario.temperature_c)
    asked = CURRENTS if currents == "both" else (currents,)
    lives = [
        _life(name, profile_of(roster, index, worn_h, upload_s), usable_mah)
        for name in asked
        for upload_s in UPLOADS_S
    ]
    if plot is not None:
        draw(plot, {_title(life): life.rows for life in lives})
    if as_json:
        terminal.print_json([_document(life) for life in lives])
        return
    screen = terminal.out()
    title = f"{source.scenario.scenario}: {worn_h:.1f} h worn a day, {usable_mah:.0f} mAh usable"
    headings = ("mA on the average", *(_title(life).replace(" ", "\n", 1) for life in lives))
    screen.print(terminal.table(title, headings, _table(lives)))
    for name in asked:
        short, long = (life.days for life in lives if life.currents == name)
        screen.print(
            f"by the {name} currents a full battery lasts {short:.2f} days with uploads of 30 s, "
            f"{long:.2f} with 2 min",
            soft_wrap=False,
        )


def _life(currents: str, profile: Profile, usable_mah: float) -> _Life:
    from sim.world.power import DRAWS_BY_NAME, average_ma, budget, days

    rows = budget(profile, DRAWS_BY_NAME[currents])
    average = average_ma(rows)
    return _Life(currents, profile.upload_s, rows, average, days(average, usable_mah))


def _title(life: _Life) -> str:
    length = f"{life.upload_s:g} s" if life.upload_s < 60 else f"{life.upload_s / 60:g} min"
    return f"{life.currents} {length}"


def _table(lives: Sequence[_Life]) -> list[tuple[str, ...]]:
    parts = [
        (rows[0].part, *(f"{row.average_ma:.2f}" for row in rows))
        for rows in zip(*(life.rows for life in lives), strict=True)
    ]
    return [*parts, ("all", *(f"{life.average_ma:.2f}" for life in lives))]


def _document(life: _Life) -> dict[str, Any]:
    return {
        "currents": life.currents,
        "upload_s": life.upload_s,
        "average_ma": round(life.average_ma, 2),
        "days": round(life.days, 2),
        "parts_ma": {row.part: round(row.average_ma, 3) for row in life.rows},
    }


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


def draw(path: Path, budgets: Mapping[str, list[PartDraw]]) -> None:
    """Draw the parts of each budget as one bar."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axis = plt.subplots(figsize=(7.0, 3.0), layout="constrained")
    for bar, (name, rows) in enumerate(budgets.items()):
        left = 0.0
        for number, row in enumerate(rows):
            label = None if bar else row.part
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
