"""All neighbours of one run: brought onto the site, conducted after it or beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from heapq import merge
from pathlib import Path
from threading import Event, Thread
from typing import Any

import numpy as np

from badge.errors import InputError
from sim.engine.streams import plain_stream
from sim.fleet.job import Job
from sim.fleet.webhooks.badge_causes import Noted, salt_of
from sim.fleet.webhooks.cause_files import MARK, SUFFIX, follow, live_path, merged, order
from sim.fleet.webhooks.options import Wires, hidden_in, platforms_of, secrets_of
from sim.fleet.webhooks.poster import HttpPoster, NoPoster, Poster
from sim.fleet.webhooks.scheduler import Conductor
from sim.fleet.webhooks.site_causes import site_causes
from sim.fleet.webhooks.truth import Ledger
from sim.platforms.kit.simulation import Cause, Neighbour, Setting
from sim.platforms.open import platform
from sim.scenario.plan.roster import Roster
from sim.world.place import Times

NUMBERS = ".numbers"
NOWHERE = "http://127.0.0.1/"  # in place of a URL where there is none: nobody is posted to


class Band:
    """Conducts the neighbours of a job; with a pace while it runs, else when it is over.

    As a context it holds the connections.  `folder` gets what is posted, a file a platform.
    """

    def __init__(
        self, job: Job, roster: Roster, wires: Wires, folder: Path, processes: int
    ) -> None:
        self._job, self._roster, self._wires = job, roster, wires
        self._processes = processes
        self.names = platforms_of(job.source.scenario)
        self.ledger = Ledger(folder, hidden_in(job.source.scenario, wires))
        self._neighbours = {name: self._neighbour(name) for name in self.names}
        self._over, self._dropped = Event(), Event()
        self._thread: Thread | None = None
        self._failure: BaseException | None = None

    def _neighbour(self, name: str) -> Neighbour:
        scenario, seed = self._job.source.scenario, self._job.parameters.seed
        make = platform(name).neighbour
        if make is None:
            raise InputError(f"--{name}: {platform(name).title} takes no part in a simulation")
        setting = Setting(
            getattr(scenario.platforms, name, None),
            self._wires.urls.get(name, NOWHERE),
            partial(plain_stream, seed, "neighbours"),
            salt_of(seed),
            secrets_of(scenario, self._wires, name),
        )
        return make(setting)

    def __enter__(self) -> Band:
        if self._job.speed is not None:
            self._thread = Thread(target=self._beside)
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._thread is not None:
            self._dropped.set()
            self._over.set()
            self._thread.join()
        self.ledger.close()

    def finish(self) -> None:
        """The badges are done: conduct, or wait for the end of it."""
        self._over.set()
        if self._thread is None:
            parts = self._job.folder
            paths = [parts / f"{i:06d}{SUFFIX}" for i in range(self._job.parameters.badges)]
            if not all(path.exists() for path in paths):
                raise InputError("some badges lived without these neighbours; start the run anew")
            self._conduct(merged(paths, parts))
            return
        self._thread.join()
        self._thread = None
        if self._failure is not None:
            raise self._failure

    def _beside(self) -> None:
        try:
            paths = [live_path(self._job.folder, n) for n in range(self._processes)]
            follow_one = partial(follow, over=self._over.is_set)
            self._conduct(merge(*map(follow_one, paths), key=order))
        except BaseException as error:  # told in the thread that waits
            self._failure = error

    def _conduct(self, noted: Iterator[Noted]) -> None:
        start_ms = self._roster.site_plan.clock.start_unix_ms
        with ExitStack() as stack:
            conductor = Conductor(self._neighbours, self._posters(stack), self.ledger)
            conductor.begin(start_ms)
            site = site_causes(self._roster)
            for one in merge(site, noted, key=order):
                if self._dropped.is_set():
                    return
                if one.kind == MARK:
                    conductor.run_until(start_ms + one.ms)
                else:
                    conductor.happens(self._cause(one, start_ms))
            if not self._dropped.is_set():
                conductor.finish()

    def _posters(self, stack: ExitStack) -> dict[str, Poster]:
        urls = self._wires.urls
        blecon = self._job.source.scenario.platforms.blecon
        own = {"blecon"} if blecon and any(route.url for route in blecon.routes) else set[str]()
        http = stack.enter_context(HttpPoster()) if urls or own else None
        return {
            name: http if http is not None and name in {*urls, *own} else NoPoster()
            for name in self.names
        }

    def _cause(self, one: Noted, start_ms: int) -> Cause:
        known = one.index >= 0
        return Cause(
            start_ms + one.ms,
            one.kind,
            self._roster.device_id(one.index) if known else "",
            self._roster.worker_id(one.index) if known else None,
            one.number,
            one.facts,
            one.first,
            one.facts.get("last"),
            one.of,
        )

    def write(self, truth: Path) -> dict[str, Any]:
        """Write the truth about the events, and give each platform's expected counts."""
        self.ledger.write(truth, self._roster.site_plan.clock.start_unix_ms, self._numbers())
        return {"platforms": self.ledger.counts(self.names)}

    def _numbers(self) -> Mapping[str, Times]:
        found = {}
        for index in range(self._job.parameters.badges):
            path = self._job.folder / f"{index:06d}{NUMBERS}"
            if path.exists():
                rows = np.fromfile(path, dtype=np.int64).reshape(-1, 2)
                found[self._roster.device_id(index)] = rows
        return found

    def figures(self) -> dict[str, Any]:
        """Give how it went with the receivers: distinct events accepted, posts that failed."""
        return {
            "neighbours": {
                name: {
                    "accepted": self.ledger.accepted(name),
                    "failed_posts": self.ledger.failed[name],
                    "to": "files only" if name not in self._wires.urls else "its URL",
                }
                for name in self.names
            }
        }
