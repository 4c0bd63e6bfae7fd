"""Draw what `season-of-200` must come to, from its plan: python scripts/draw_season.py [FOLDER]."""

from __future__ import annotations

import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

import matplotlib as mpl
import numpy as np

from sim.scenario.calendar.crew_days import Kind
from sim.scenario.language.read import read_scenario, sites_of
from sim.scenario.plan.parameters import parameters_of
from sim.scenario.plan.roster import Roster

mpl.use("Agg")
import matplotlib.dates as mdates
import matplotlib.pyplot as plt

NAME = "season-of-200"
FOLDER = Path(__file__).parents[1] / "docs" / "images"
KINDS: dict[Kind, str] = {
    "works": "#3b7d3b",
    "half_day": "#9fc77a",
    "shed": "#5b8db8",
    "home": "#b8cfe0",
    "off": "#eeeeee",
}
VERSIONS = ("0.3.0", "0.4.0", "0.5.1")


def main() -> None:
    """Draw both pictures."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    sources = sites_of(read_scenario(NAME))
    rosters = {site: Roster(one, parameters_of(one)) for site, one in sources.items()}
    _draw_days(rosters, folder / f"{NAME}-days.png")
    _draw_fleet(rosters, folder / f"{NAME}-fleet.png")


FIRST_COMES_MS = 6 * 3_600_000  # nobody comes before six


def days_of(roster: Roster) -> int:
    """Count the days of the calendar that the run lives to see: it may end in the last one."""
    plan, clock = roster.site_plan.calendar, roster.site_plan.clock
    assert plan is not None
    begins = (clock.midnight_ms(number) + FIRST_COMES_MS for number in range(len(plan)))
    return sum(ms < roster.parameters.end_ms for ms in begins)


def worn_by_day(roster: Roster) -> list[int]:
    """Count the badges that are worn on each day: that many shifts must begin."""
    plan, days = roster.site_plan.calendar, days_of(roster)
    assert plan is not None
    found: Counter[int] = Counter()
    for index in range(len(roster)):
        life = roster.life(index)
        for number, _ in roster.planned_days(index):
            # Badges are handed out and break in working hours.
            arrives_ms = plan.clock.midnight_ms(number) + FIRST_COMES_MS
            found[number] += life.begins_ms <= arrives_ms < life.ends_ms
    return [found[number] if number < days else 0 for number in range(len(plan))]


def _draw_days(rosters: dict[str, Roster], path: Path) -> None:
    figure, axes = plt.subplots(len(rosters), figsize=(10, 7.5), sharex=True, layout="constrained")
    for axis, (site, roster) in zip(axes, rosters.items(), strict=True):
        plan = roster.site_plan.calendar
        assert plan is not None
        days = mdates.date2num(plan.dates)
        for row, crew_days in enumerate(plan.crews.values()):
            colours = [KINDS[day.kind] for day in crew_days]
            axis.bar(days, 0.9, 1.0, bottom=row - 0.45, color=colours)
        axis.set_yticks(range(len(plan.crews)), list(plan.crews))
        axis.set_title(f"{site}, {roster.source.scenario.zone}", loc="left", fontsize=9)
        sky = axis.twinx()
        warm = [one.temperature_c if one is not None else np.nan for one in plan.weather]
        sky.plot(days, warm, color="#c0392b", linewidth=0.7)
        sky.set_ylabel("°C", fontsize=8)
        sky.set_ylim(-25, 40)
    handles = [mpl.patches.Patch(color=colour, label=kind) for kind, colour in KINDS.items()]
    handles.append(mpl.lines.Line2D([], [], color="#c0392b", label="mean of the day"))
    figure.legend(handles=handles, ncols=6, loc="outside lower center", frameon=False, fontsize=8)
    axes[-1].xaxis.set_major_formatter(mdates.DateFormatter("%b"))
    axes[-1].xaxis.set_major_locator(mdates.MonthLocator())
    figure.savefig(path, dpi=100, metadata={"Software": None})
    plt.close(figure)


def _draw_fleet(rosters: dict[str, Roster], path: Path) -> None:
    figure, (worn, firmware) = plt.subplots(2, figsize=(10, 5.5), sharex=True, layout="constrained")
    bottom = np.zeros(0)
    for site, roster in rosters.items():
        plan = roster.site_plan.calendar
        assert plan is not None
        counts, days = np.array(worn_by_day(roster)), mdates.date2num(plan.dates)
        bottom = np.zeros(len(counts)) if not len(bottom) else bottom
        worn.bar(days, counts, 1.0, bottom=bottom[: len(counts)], label=site)
        bottom[: len(counts)] += counts
    worn.set_ylabel("badges worn")
    worn.legend(frameon=False, ncols=4, fontsize=8, loc="lower right", bbox_to_anchor=(1, 1))
    _draw_versions(rosters, firmware)
    firmware.xaxis.set_major_formatter(mdates.DateFormatter("%b"))
    firmware.xaxis.set_major_locator(mdates.MonthLocator())
    figure.savefig(path, dpi=100, metadata={"Software": None})
    plt.close(figure)


def _draw_versions(rosters: dict[str, Roster], axis: plt.Axes) -> None:
    """Stack how many badges were offered which version last, of those that keep it."""
    first = next(iter(rosters.values())).site_plan.calendar
    assert first is not None
    shares = np.zeros((len(VERSIONS), len(first)))
    for roster in rosters.values():
        clock, groups = roster.site_plan.clock, range(len(roster))
        for index in groups:
            offers = [
                (clock.day_of(one.at_ms), one.incident.firmware)
                for one in roster.incidents(index)
                if one.incident.firmware in VERSIONS
            ]
            changes = [(0, roster.group(index).firmware), *offers, (len(first), None)]
            for (begins, version), (ends, _) in pairwise(changes):
                shares[VERSIONS.index(str(version)), begins:ends] += 1
    axis.stackplot(mdates.date2num(first.dates), shares, labels=VERSIONS)
    axis.set_ylabel("badges by firmware")
    axis.legend(frameon=False, ncols=3, fontsize=8, loc="lower right", bbox_to_anchor=(1, 1))


if __name__ == "__main__":
    main()
