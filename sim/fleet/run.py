"""A run from its plan to its folder: keys, badges, platforms, files; what is cut short is kept."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from badge.cli import terminal
from badge.errors import InputError
from badge.host.log import LOG
from badge.host.processes import WorkerLostError, cores
from badge.host.telemetry.watch import TELEMETRY
from sim.fleet.engine import engine_for
from sim.fleet.job import Job, Progress
from sim.fleet.output.folder import TABLES, RunFolder
from sim.fleet.output.parts import BadgeResult
from sim.fleet.parallel import Finished, processes_for, run_job
from sim.fleet.resume import ResumePlan
from sim.fleet.size import check_room, size_of
from sim.fleet.telemetry import WatchedProgress
from sim.fleet.upload.backend import Target
from sim.fleet.upload.keys import kept_keys, provision, read_keys
from sim.fleet.webhooks.open import NoWebhooks, open_webhooks
from sim.fleet.webhooks.options import WebhookOptions
from sim.scenario.drawing import drawing_of
from sim.scenario.language.read import ScenarioFile
from sim.scenario.plan.roster import Roster

if TYPE_CHECKING:
    from sim.fleet.webhooks.run import WebhookRun

_log = logging.getLogger(__name__)
FATES = ("queued", "overflowed", "quarantined", "battery")


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that is over, whole or cut short: its folder, what run.json says, and how it went."""

    job: Job
    finished: Finished
    path: Path
    document: dict[str, Any]
    wall_s: float
    webhooks: WebhookRun | NoWebhooks


@dataclass(frozen=True, slots=True)
class Fleet:
    """What a run is made of; `keys` grows by provisioning."""

    source: ScenarioFile
    plan: ResumePlan
    webhooks: WebhookOptions
    target: Target | None
    keys: dict[str, str]
    provisioning_key: str | None = None
    jobs: int | None = None
    engine: str = "auto"
    core: Path | None = None

    def run(self, folder: RunFolder) -> Ended:
        """Let the badges live, and write the folder; InputError says how a run goes on."""
        asked = self.plan.parameters
        told: dict[str, str | int | float] = {
            "badge.scenario": self.source.scenario.scenario,
            "badge.seed": asked.seed,
            "badge.badges": asked.badges,
            "badge.hours": asked.hours,
        }
        with TELEMETRY.span("badge simulate", told) as span:
            ended = self._run(folder)
            span.tell({"badge.events": ended.document["counts"]["events"]})
            return ended

    def _run(self, folder: RunFolder) -> Ended:
        roster = Roster(self.source, self.plan.parameters)
        tell_left_out(roster)
        begun_s = time.monotonic()
        size = size_of(roster)
        wanted = size.folder_bytes(batches=self.plan.batches) - folder.kept_bytes
        check_room([wanted], size.events, Path(self.plan.out), self.source.scenario.scenario)
        with folder, LOG.also_in(folder.log):
            try:
                with TELEMETRY.span("provision"):
                    self._provision(roster, folder)
                self._keep(folder, self.plan)
                folder.keep_site(drawing_of(roster))
                with TELEMETRY.span("live"):
                    job, finished, webhooks = self._live(roster, folder)
                with TELEMETRY.span("write the folder"):
                    path, document = self._complete(folder, job, finished, webhooks)
            except (InputError, OSError, KeyboardInterrupt) as error:
                ended = _ended(folder, error)
                _log.error("cut short: %s", str(ended) or "nothing was kept")
                raise ended from None
            counts = document["counts"]
            _log.info("whole" if is_whole(finished) else "cut short", extra={"counts": counts})
        return Ended(job, finished, path, document, time.monotonic() - begun_s, webhooks)

    def _keep(self, folder: RunFolder, plan: ResumePlan) -> None:
        """Write what is needed to go on; a key that is for all was given, and is given again."""
        folder.keep(plan.text(), {} if "" in self.keys else self.keys)

    def _provision(self, roster: Roster, folder: RunFolder) -> None:
        """Get a key for each badge that has none; what came before a failure is kept."""
        if self.target is None or not self.provisioning_key:
            return
        devices = [roster.device_id(index) for index in range(len(roster))]
        company_id = self.source.scenario.company_id
        self._keep(folder, self.plan)  # so that a run that is killed from now on goes on
        try:
            provision(
                self.target.url,
                self.provisioning_key,
                company_id,
                devices,
                self.keys,
                keep=folder.keep_key,
                timeout_s=self.target.try_s(),
            )
        finally:
            self._keep(folder, self.plan)

    def _live(
        self, roster: Roster, folder: RunFolder
    ) -> tuple[Job, Finished, WebhookRun | NoWebhooks]:
        plan = self.plan
        record = None if plan.record is None else Path(plan.record)
        if record is not None:
            record.mkdir(parents=True, exist_ok=True)
        job = Job(
            self.source,
            plan.parameters,
            folder.parts,
            plan.speed,
            self.target,
            record,
            plan.batches,
            folder.answers,
            max(plan.reached_ms, folder.reached_ms),
            faults=tuple(plan.faults.items()),
            core=self.core,
        )
        engine, why = engine_for(self.engine, job)
        job = replace(job, engine=engine, engine_why=why)
        processes = min(self.jobs or processes_for(job, cores()), plan.badges)
        with terminal.progress() as bar:
            task = bar.add_task("simulating", total=plan.badges * plan.parameters.end_ms, word="")
            begun_s, clock = time.monotonic(), roster.site_plan.clock

            seen = WatchedProgress(plan.badges * plan.parameters.end_ms)

            def tell(progress: Progress) -> None:
                seen.latest = progress
                said = word(progress, clock.word(progress.sim_ms), begun_s)
                bar.update(task, completed=progress.badge_ms, word=said)

            with open_webhooks(
                roster, self.webhooks, folder.platforms, folder.parts, plan.speed, processes
            ) as webhooks:
                finished = run_job(job, processes, tell)
                seen.ended(finished.results, whole=is_whole(finished))
                if is_whole(finished):
                    bar.update(task, description="posting")
                    webhooks.finish()
            return job, finished, webhooks

    def _complete(
        self,
        folder: RunFolder,
        job: Job,
        finished: Finished,
        webhooks: WebhookRun | NoWebhooks,
    ) -> tuple[Path, dict[str, Any]]:
        plan, whole = self.plan, is_whole(finished)
        if not finished.results:
            raise KeyboardInterrupt
        if not whole:
            reached_ms = round(finished.figures.get("reached_ms", 0))
            self._keep(folder, replace(plan, reached_ms=reached_ms))
        more = webhooks.write if whole else lambda truth, facts: {}
        document = run_document(job, finished.results, whole=whole)
        return folder.complete(
            document,
            finished.results,
            split=plan.split,
            batches=plan.batches,
            more=more,
        )


def tell_left_out(roster: Roster) -> None:
    """Say what a run that begins later than its scenario tells does not have."""
    for said in roster.left_out:
        terminal.err().print(said, markup=False, highlight=False, soft_wrap=True)


def run_document(job: Job, results: Sequence[BadgeResult], *, whole: bool) -> dict[str, Any]:
    """Give what run.json says: nothing in it depends on speed, processes or the server's time."""
    events = sum((result.events for result in results), Counter[str]())
    fates = sum((result.fates for result in results), Counter[str]())
    counts: dict[str, Any] = {
        "badges": len(results),
        "events": events.total(),
        "delivered": fates["delivered"],
        "undelivered": {why: fates[why] for why in FATES},
        "by_type": dict(sorted(events.items())),
    }
    counts |= {name: sum(len(one.tables[name]) for one in results) for name in TABLES}
    if job.faults:
        uploads = sum((result.uploads for result in results), Counter[str]())
        counts["faults"] = {name: uploads[f"fault_{name}"] for name, _ in job.faults}
    return {
        "scenario": job.source.scenario.scenario,
        "run_id": job.run_id,
        "seed": job.parameters.seed,
        "start": job.parameters.start,
        "hours": job.parameters.hours,
        "complete": whole,
        "counts": counts,
        "devices": [result.device_id for result in results],
    }


def keys_of(resumed: Path | None, file: Path | None, api_key: str | None) -> dict[str, str]:
    """Give the keys to begin with: one for all, those of a file, or those of the run before."""
    if api_key:
        return {"": api_key}
    if file is None:
        return {} if resumed is None else kept_keys(resumed)
    return read_keys(file)


def is_whole(finished: Finished) -> bool:
    """Say whether a run went to its end."""
    return not finished.interrupted and finished.trouble is None


def word(progress: Progress, clock: str, begun_s: float) -> str:
    """Give what stands beside the progress bar."""
    rate = progress.events / max(time.monotonic() - begun_s, 0.001)
    return (
        f"{clock}  {rate:,.0f} events/s  accepted {progress.accepted:,}  "
        f"rejected {progress.rejected:,}  retries {progress.retries:,}"
    )


def _ended(folder: RunFolder, error: BaseException) -> BaseException:
    """Keep what a run needs to go on, and say so in the sentence of what ended it."""
    if not folder.can_go_on:
        if isinstance(error, WorkerLostError):
            return WorkerLostError(f"{error}; run it again")
        return error if isinstance(error, (InputError, OSError)) else click.Abort()
    what = str(error)
    if isinstance(error, OSError):
        what = f"{error.filename or 'the run'}: {error.strerror or error}"
    cut = folder.cut_short()
    if isinstance(error, KeyboardInterrupt):
        return KeyboardInterrupt(f"stopped; badge simulate --resume {cut} goes on")
    return InputError(f"{what}; what was done is kept: badge simulate --resume {cut} goes on")
