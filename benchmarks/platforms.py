"""Three platforms beside the badges' own feed: `python -m benchmarks platforms`, a minute.

Twenty badges of `three-neighbours`, on one core, in one run: what the badges log, and what Blecon,
GroupLink and Peridio say of the same two hours, each over the CPU time that it took.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from sim.fleet.job import Job
from sim.fleet.shard import Shard
from sim.fleet.webhooks.options import WebhookOptions
from sim.fleet.webhooks.run import WebhookRun
from sim.scenario.language.platforms import Platforms
from sim.scenario.language.read import ScenarioFile, read_scenario
from sim.scenario.plan.parameters import Parameters
from sim.scenario.plan.roster import Roster

BADGES, HOURS, TIMES = 20, 2.0, 3
GOAL = 0.5
Ratio = tuple[str, float, float | None]


def ratios() -> list[Ratio]:
    """Run the same scenario without and with the platforms; the best of three of each."""
    source = read_scenario("three-neighbours")
    alone = replace(source, scenario=source.scenario.model_copy(update={"platforms": Platforms()}))
    own_s = events = watched_s = posted_s = theirs = 0.0
    for turn in range(TIMES):
        with tempfile.TemporaryDirectory() as folder:
            seconds, events = _live(alone, Path(folder))
            own_s = seconds if turn == 0 else min(own_s, seconds)
        with tempfile.TemporaryDirectory() as folder:
            seconds, _ = _live(source, Path(folder))
            watched_s = seconds if turn == 0 else min(watched_s, seconds)
            seconds, theirs = _conduct(source, Path(folder))
            posted_s = seconds if turn == 0 else min(posted_s, seconds)
    noted_s = max(watched_s - own_s, 0.001)
    feed, platforms = events / own_s, theirs / (noted_s + posted_s)
    return [
        ("Actual feed, events a second of CPU", feed, None),
        ("three platforms, events a second of CPU", platforms, None),
        ("three platforms over the Actual feed", platforms / feed, GOAL),
        ("CPU s of the feed", own_s, None),
        ("CPU s of noting causes for the platforms", noted_s, None),
        ("CPU s of making, signing and writing their posts", posted_s, None),
    ]


def _job(source: ScenarioFile, folder: Path) -> Job:
    return Job(
        source, Parameters(BADGES, HOURS, source.scenario.seed, source.scenario.start), folder
    )


def _live(source: ScenarioFile, folder: Path) -> tuple[float, float]:
    job = _job(source, folder)
    return _timed(
        lambda: float(
            sum(
                result.events.total()
                for result in Shard(job, range(BADGES), lambda progress: None, lambda: False).run()
            )
        )
    )


def _conduct(source: ScenarioFile, folder: Path) -> tuple[float, float]:
    job = _job(source, folder)
    roster = Roster(source, job.parameters)

    def play() -> float:
        with ExitStack() as stack:
            webhook_run = stack.enter_context(
                WebhookRun(roster, WebhookOptions(), folder / "platforms", job.folder, None, 1)
            )
            webhook_run.finish()
            (folder / "truth").mkdir()
            counts = webhook_run.write(folder / "truth", {})["platforms"]
        return float(sum(one["events"] for one in counts.values()))

    return _timed(play)


def _timed(work: Callable[[], float]) -> tuple[float, float]:
    begun_s = time.process_time()
    count = work()
    return time.process_time() - begun_s, count
