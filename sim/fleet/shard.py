"""Some of the badges of a run, in one process: one after the other, or all at once and live."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from heapq import heapify, heappop, heappush
from pathlib import Path

from badge.errors import InputError, MisuseError
from badge.host.firmware.process import CoreProcess
from badge.host.observers import Recorder
from badge.host.processes import keep_freed_memory, seldom_collected
from badge.host.recording_file import RecordingWriter
from badge.recording.format import Header
from sim.fleet.field.badge import FieldBadge
from sim.fleet.field.faults import FaultsOnTheWay
from sim.fleet.field.life import FieldLife
from sim.fleet.field.watched_core import CoreFieldBadge
from sim.fleet.job import Engine, Job, Progress
from sim.fleet.output.part_files import (
    HeldRows,
    OwnFiles,
    RowFiles,
    SharedFiles,
    keep_reached,
    open_in_turn,
    rename_if_there,
)
from sim.fleet.output.parts import BadgeResult, LifePart, Part, alike, saved_results
from sim.fleet.pace import RealtimePace
from sim.fleet.upload.backend import Backend, ModelBackend
from sim.fleet.upload.http_backend import HttpBackend
from sim.fleet.upload.kept_answers import KeptAnswers
from sim.fleet.webhooks.watch import watch_of
from sim.scenario.plan.roster import Roster

new_event_loop: Callable[[], asyncio.AbstractEventLoop]
try:
    from uvloop import new_event_loop
except ModuleNotFoundError:  # there is none for Windows
    from asyncio import new_event_loop

OFFLINE_SLICE_MS = 3_600_000
LIVE_SLICE_MS = 60_000
BREATH_S = 0.005  # the network gets its turn after this much computing
TELL_S = 0.2
DRAIN_S = 130.0


class Shard:
    """Runs badges and leaves their parts in the job's folder.

    `tell` is called a few times a second, `stopped` asked as often.
    """

    def __init__(
        self,
        job: Job,
        indexes: Sequence[int],
        tell: Callable[[Progress], None],
        stopped: Callable[[], bool],
        ready: Callable[[], None] = lambda: None,
    ) -> None:
        self._job, self._indexes = job, indexes
        self._tell, self._stopped, self._ready = tell, stopped, ready
        self._roster = Roster(job.source, job.parameters, compiled=job.engine == "columnar")
        self._watch = watch_of(self._roster, job.folder)
        self._recorded: dict[str, RecordingWriter] = {}
        self._radio = self._roster.site_plan.radio()
        self._told_s = 0.0
        self._done = Counter[str]()
        self._done_ms = 0
        self.figures: dict[str, float] = {}
        self.trouble: str | None = None
        self._core: CoreProcess | None = None
        self._in_turn: SharedFiles | HeldRows | None = None
        shares = dict(job.faults)
        self._faults = FaultsOnTheWay(shares, job.parameters.seed) if shares else None

    def run(self) -> list[BadgeResult]:
        """Run to the end, or until stopped."""
        if self._job.target is None and self._job.speed is None:
            self._ready()
            with ExitStack() as stack:
                if self._job.core is not None:
                    first = self._roster.config(self._indexes[0])
                    self._core = stack.enter_context(CoreProcess(self._job.core, first))
                return list(alike(self.lives()))
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            return runner.run(self._run_at_once())

    def lives(self) -> Iterator[BadgeResult]:
        """Let one badge live after the other, and give each when it is done, until stopped."""
        backend = ModelBackend(self._job.source.scenario.cloud.oldest_firmware)
        keep_freed_memory()
        with seldom_collected():
            yield from self._live_in_turn(backend)

    def _live_in_turn(self, backend: Backend) -> Iterator[BadgeResult]:
        job, before, watched = self._job, -1, self._job.source.scenario.platforms.any
        folder = None if job.held else job.folder
        saved = {} if folder is None else saved_results(folder)
        with ExitStack() as stack:
            for index in self._indexes:
                done = saved.pop(index, None)
                if done is None:  # and not before the run was cut short
                    if self._in_turn is None or index != before + 1:
                        files = open_in_turn(folder, index, watched)
                        self._in_turn = stack.enter_context(files)
                    done, before = self._run_one(index, backend, job.engine), index
                if done is None:
                    return
                self._note_done(done)
                yield done

    def _files_of(self, index: int) -> RowFiles:
        """Give where a badge leaves its rows, from its first event on."""
        if self._in_turn is None:
            return OwnFiles(self._job.folder, index)
        self._in_turn.begin(index)
        return self._in_turn

    def _run_one(self, index: int, backend: Backend, engine: Engine) -> BadgeResult | None:
        """Let one badge live to its end; None when stopped before."""
        end_ms = self._job.parameters.end_ms
        with ExitStack() as stack:
            badge, part = self._make_life(index, backend, engine, stack)
            try:
                for until_ms in range(
                    OFFLINE_SLICE_MS, end_ms + OFFLINE_SLICE_MS, OFFLINE_SLICE_MS
                ):
                    badge.run_until(min(until_ms, end_ms))
                    part.flush()
                    self._report([(badge, part)])
                    if self._stopped():
                        return None
            except MisuseError:  # beyond what the core in C can hold: the other one has no bounds
                badge.close()
                if engine == "python":
                    raise
                self.figures["python_badges"] = self.figures.get("python_badges", 0) + 1
                return self._run_one(index, backend, "python")
            result = part.finish(end_ms)
            if isinstance(badge, CoreFieldBadge):
                steps = self.figures.get("core_steps", 0.0)
                self.figures["core_steps"] = steps + badge.face.steps
                if badge.face.finding is not None:
                    result = replace(result, core=badge.face.finding._asdict())
            self._watch.finish(index)
            badge.close()
            if isinstance(self._in_turn, SharedFiles):
                result.save(self._in_turn)
            self._keep_recording(result.device_id)
            return result

    def _make_life(
        self, index: int, backend: Backend, engine: Engine, stack: ExitStack
    ) -> tuple[FieldLife, LifePart]:
        badge: FieldLife
        part: LifePart
        if engine == "python":
            badge, part = self._make(index, backend, stack)
        else:
            from sim.fleet.columnar.badge import ColumnarBadge
            from sim.fleet.columnar.part import ColumnarPart

            watched = self._watch.watched(backend)
            in_c = badge = ColumnarBadge(self._roster, index, self._radio, watched)
            self._watch.follow(index, badge, watched)
            part = ColumnarPart(self._roster.site_plan, self._files_of(index), index, in_c)
        badge.uplink.faults = self._faults
        if self._job.speed is not None:  # a run in its own time may be looked at as it goes
            part.rows_held = 1
        if self._job.batches:
            badge.uplink.sent = part.keep_batch
        return badge, part

    def _make(self, index: int, backend: Backend, stack: ExitStack) -> tuple[FieldBadge, Part]:
        watched = self._watch.watched(backend)
        if self._core is None:
            badge = FieldBadge(self._roster, index, self._radio, watched)
        else:
            badge = CoreFieldBadge(self._roster, index, self._radio, watched, self._core)
        if self._job.record is not None:
            path = self._recording(badge.device_id, ".{}.ndjson")
            note = f"scenario {self._job.source.scenario.scenario}, run {self._job.run_id}"
            header = Header(badge.config, badge.firmware, note=note)
            cut = self._recording(badge.device_id, "{}.interrupted.ndjson")
            stack.callback(rename_if_there, path, cut)
            # In its own time it may be looked at as it goes.
            writer = RecordingWriter(path, header, live=self._job.speed is not None)
            self._recorded[badge.device_id] = stack.enter_context(writer)
            badge.observe(Recorder(writer, badge.device_id))
        self._watch.follow(index, badge, watched)
        return badge, Part(self._roster.site_plan, self._files_of(index), index, badge)

    def _recording(self, device_id: str, name: str) -> Path:
        assert self._job.record is not None
        return self._job.record / name.format(device_id)

    def _keep_recording(self, device_id: str) -> None:
        """Give a whole recording its name."""
        if self._job.record is not None:
            writer = self._recorded.pop(device_id)
            writer.close()  # Windows renames nothing that is open
            writer.path.replace(self._recording(device_id, "{}.ndjson"))
            self._recording(device_id, "{}.interrupted.ndjson").unlink(missing_ok=True)

    async def _run_at_once(self) -> list[BadgeResult]:
        job = self._job
        with ExitStack() as stack:
            if job.target is None:
                model = ModelBackend(job.source.scenario.cloud.oldest_firmware)
                return await self._drive(model, None, stack)
            async with HttpBackend(job.target, job.run_id, patient=job.speed is None) as backend:
                try:
                    results = await self._drive(self._remembering(backend, stack), backend, stack)
                except MisuseError as error:
                    if job.engine == "python":
                        raise
                    # What was posted stays posted, and is answered alike when the run goes on.
                    raise InputError(f"a badge in C: {error}; go on with --engine python") from None
                self.trouble = backend.trouble
                self.figures |= backend.figures
                return results

    def _remembering(self, backend: HttpBackend, stack: ExitStack) -> Backend:
        """Keep what the server answers, if the run may go on some day."""
        if self._job.answers is None:
            return backend
        name, of_none = f"{self._indexes[0]:06d}", self._job.speed is not None
        kept = KeptAnswers(backend, self._job.answers, name, of_none=of_none)
        return stack.enter_context(closing(kept))

    async def _drive(
        self, backend: Backend, live: HttpBackend | None, stack: ExitStack
    ) -> list[BadgeResult]:
        crowd = [self._make_life(i, backend, self._job.engine, stack) for i in self._indexes]
        job, badges = self._job, [badge for badge, _ in crowd]
        pace = None if job.speed is None else RealtimePace(job.speed, start_ms=job.reached_ms)
        if job.reached_ms and pace is not None:  # it has been there, and need not wait
            await self._go_on(_Drive(badges, job.reached_ms, None), crowd, live)
        self._ready()
        if pace is not None:
            pace.begin()
            self._watch.begin_live(self._indexes[0])
        await self._go_on(_Drive(badges, job.parameters.end_ms, pace), crowd, live)
        if live is not None:
            await live.drain(5.0 if self._stopped() or live.trouble else DRAIN_S)
            if live.failure:
                raise live.failure
        if pace is not None:
            self.figures["behind_s"] = pace.behind_ms / 1000.0 / pace.speed
            self.figures["reached_ms"] = min(pace.now_ms(), job.parameters.end_ms)
        whole = not self._stopped() and not (live and live.trouble)
        if whole:
            self._watch.finish(*self._indexes)
        end_ms = job.parameters.end_ms
        results = [part.finish(end_ms if whole else badge.clock.now_ms) for badge, part in crowd]
        for badge in badges:
            badge.close()
            if whole:
                self._keep_recording(badge.device_id)
        return results

    async def _go_on(
        self, drive: _Drive, crowd: Sequence[tuple[FieldLife, LifePart]], live: HttpBackend | None
    ) -> None:
        while not self._stopped() and not (live and live.trouble):
            going = await drive.go_on()
            if live and live.failure:
                raise live.failure
            if not going:
                return
            for number in drive.touched:
                crowd[number][1].flush()
            drive.touched.clear()
            reached_ms, told = drive.reached_ms, self._report(crowd)
            if reached_ms is not None:
                self._watch.tell(reached_ms)
                if told:
                    keep_reached(self._job.folder, self._indexes[0], reached_ms)

    def _report(self, crowd: Sequence[tuple[FieldLife, LifePart]]) -> bool:
        """Tell how far it is, a few times a second; say whether it was told."""
        now_s = time.monotonic()
        if now_s - self._told_s < TELL_S:
            return False
        self._told_s = now_s
        counts = self._done + sum((badge.uplink.counts for badge, _ in crowd), Counter[str]())
        badge_ms = sum(badge.clock.now_ms for badge, _ in crowd)
        self._tell(
            Progress(
                self._done_ms + badge_ms,
                badge_ms // max(len(crowd), 1),
                self._done["events"] + sum(part.count for _, part in crowd),
                counts["accepted"],
                counts["rejected"],
                counts["retries"],
            )
        )
        return True

    def _note_done(self, result: BadgeResult) -> None:
        self._done += result.uploads
        self._done["events"] += result.events.total()
        self._done_ms += self._job.parameters.end_ms


class _Drive:
    """All badges on one heap of (when, which); a badge that waits for an answer is not on it."""

    def __init__(self, badges: Sequence[FieldLife], end_ms: int, pace: RealtimePace | None) -> None:
        self._badges, self._end_ms, self._pace = badges, end_ms, pace
        self._heap = [
            (badge.next_ms, number)
            for number, badge in enumerate(badges)
            if badge.next_ms is not None
        ]
        heapify(self._heap)
        self._waiting = 0
        self._news = asyncio.Event()
        self.touched: list[int] = []
        if pace is not None:
            for number, badge in enumerate(badges):
                badge.uplink.late = lambda call, number=number: self._give_late(number, call)

    @property
    def reached_ms(self) -> int | None:
        """Up to when, that moment excluded, everything has happened; None without a pace.

        With one, no badge waits for an answer: each is on the heap, or has nothing more to do.
        """
        if self._pace is None:
            return None
        now_ms = self._pace.now_ms()
        return min(now_ms, self._heap[0][0]) if self._heap else now_ms

    async def go_on(self) -> bool:
        """Run for a few milliseconds; False when nothing is left to do."""
        begun_s = time.monotonic()
        while time.monotonic() - begun_s < BREATH_S:
            if self._heap and self._heap[0][0] <= self._end_ms:
                pause_s = self._pace.wait_s(self._heap[0][0]) if self._pace else 0.0
                if pause_s > 0.0:
                    await self._wait(min(pause_s, TELL_S))
                    return True
                self._run_first()
            elif self._waiting or self._pace_goes_on():
                await self._wait(TELL_S)
                return True
            else:
                return False
        await asyncio.sleep(0)
        return True

    def _pace_goes_on(self) -> bool:
        return self._pace is not None and self._pace.now_ms() < self._end_ms

    async def _wait(self, timeout_s: float) -> None:
        self._news.clear()
        try:
            await asyncio.wait_for(self._news.wait(), timeout_s)
        except TimeoutError:
            return

    def _run_first(self) -> None:
        ms, number = heappop(self._heap)
        badge = self._badges[number]
        until_ms = ms + LIVE_SLICE_MS if self._pace is None else max(ms, self._pace.now_ms())
        badge.run_until(min(until_ms, self._end_ms))
        self.touched.append(number)
        reply = badge.uplink.waiting
        if reply is not None:
            self._waiting += 1
            reply.then(lambda _: self._come_back(number))
        elif badge.next_ms is not None:
            heappush(self._heap, (badge.next_ms, number))

    def _come_back(self, number: int) -> None:
        self._waiting -= 1
        badge = self._badges[number]
        if badge.next_ms is not None:
            heappush(self._heap, (badge.next_ms, number))
        self._news.set()

    def _give_late(self, number: int, call: Callable[[], None]) -> int:
        """An answer has come after its time: it counts from now on; say when that is."""
        assert self._pace is not None
        clock = self._badges[number].clock
        now_ms = max(self._pace.now_ms(), clock.now_ms)
        clock.at(now_ms, call)
        heappush(self._heap, (now_ms, number))
        self._news.set()
        return now_ms
