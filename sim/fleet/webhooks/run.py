"""All platforms of one run: brought onto the site, played after it or beside it."""

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
from sim.fleet.webhooks.badge_causes import salt_of
from sim.fleet.webhooks.cause_files import MARK, SUFFIX, follow, live_path, merged, order
from sim.fleet.webhooks.options import WebhookOptions, hidden_in, platforms_of, secrets_of
from sim.fleet.webhooks.poster import HttpPoster, NoPoster, Poster
from sim.fleet.webhooks.scheduler import Scheduler
from sim.fleet.webhooks.site_causes import site_causes
from sim.fleet.webhooks.truth import WebhookTruth
from sim.platforms.kit.cause import Cause
from sim.platforms.kit.simulation import Setting, Simulation
from sim.platforms.open import platform
from sim.scenario.plan.roster import Roster
from sim.world.place import Times

NUMBERS = ".numbers"
NOWHERE = "http://127.0.0.1/"  # in place of a URL where there is none: nobody is posted to


class WebhookRun:
    """Plays the platforms of a run; with a speed while it runs, else when it is over.

    As a context it holds the connections.  `folder` gets what is posted, a file a platform, and
    `parts` is where the badges leave what they cause.
    """

    def __init__(
        self,
        roster: Roster,
        webhooks: WebhookOptions,
        folder: Path,
        parts: Path,
        speed: float | None,
        processes: int,
    ) -> None:
        self._roster, self._scenario = roster, roster.source.scenario
        self._webhooks, self._parts = webhooks, parts
        self._speed, self._processes = speed, processes
        self.names = platforms_of(self._scenario)
        self.truth = WebhookTruth(folder, hidden_in(self._scenario, webhooks))
        self._simulations = {name: self._simulation(name) for name in self.names}
        self._over, self._dropped = Event(), Event()
        self._thread: Thread | None = None
        self._failure: BaseException | None = None

    def _simulation(self, name: str) -> Simulation:
        scenario, seed = self._scenario, self._roster.parameters.seed
        make = platform(name).simulation
        if make is None:
            raise InputError(f"--{name}: {platform(name).title} takes no part in a simulation")
        setting = Setting(
            getattr(scenario.platforms, name, None),
            self._webhooks.urls.get(name, NOWHERE),
            partial(plain_stream, seed, "neighbours"),
            salt_of(seed),
            secrets_of(scenario, self._webhooks, name),
        )
        return make(setting)

    def __enter__(self) -> WebhookRun:
        if self._speed is not None:
            self._thread = Thread(target=self._beside)
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._thread is not None:
            self._dropped.set()
            self._over.set()
            self._thread.join()
        self.truth.close()

    def finish(self) -> None:
        """The badges are done: play, or wait for the end of it."""
        self._over.set()
        if self._thread is None:
            paths = [
                self._parts / f"{i:06d}{SUFFIX}" for i in range(self._roster.parameters.badges)
            ]
            if not all(path.exists() for path in paths):
                raise InputError("some badges lived without these platforms; start the run anew")
            self._play(merged(paths, self._parts))
            return
        self._thread.join()
        self._thread = None
        if self._failure is not None:
            raise self._failure

    def _beside(self) -> None:
        try:
            paths = [live_path(self._parts, n) for n in range(self._processes)]
            follow_one = partial(follow, over=self._over.is_set)
            self._play(merge(*map(follow_one, paths), key=order))
        except BaseException as error:  # told in the thread that waits
            self._failure = error

    def _play(self, causes: Iterator[Cause]) -> None:
        start_ms = self._roster.site_plan.clock.start_unix_ms
        with ExitStack() as stack:
            scheduler = Scheduler(self._simulations, self._posters(stack), self.truth)
            scheduler.begin(start_ms)
            site = site_causes(self._roster)
            for one in merge(site, causes, key=order):
                if self._dropped.is_set():
                    return
                if one.kind == MARK:
                    scheduler.run_until(one.utc_ms)
                else:
                    scheduler.happens(one)
            if not self._dropped.is_set():
                scheduler.finish()

    def _posters(self, stack: ExitStack) -> dict[str, Poster]:
        urls = self._webhooks.urls
        blecon = self._scenario.platforms.blecon
        own = {"blecon"} if blecon and any(route.url for route in blecon.routes) else set[str]()
        http = stack.enter_context(HttpPoster()) if urls or own else None
        return {
            name: http if http is not None and name in {*urls, *own} else NoPoster()
            for name in self.names
        }

    def write(self, truth: Path, facts: Mapping[str, str]) -> dict[str, Any]:
        """Write the truth about the events, and give each platform's expected counts."""
        self.truth.write(truth, self._roster.site_plan.clock.start_unix_ms, self._numbers(), facts)
        return {"platforms": self.truth.counts(self.names)}

    def _numbers(self) -> Mapping[str, Times]:
        found = {}
        for index in range(self._roster.parameters.badges):
            path = self._parts / f"{index:06d}{NUMBERS}"
            if path.exists():
                rows = np.fromfile(path, dtype=np.int64).reshape(-1, 2)
                found[self._roster.device_id(index)] = rows
        return found

    def figures(self) -> dict[str, Any]:
        """Give how it went with the receivers: distinct events accepted, posts that failed."""
        return {
            "neighbours": {
                name: {
                    "accepted": self.truth.accepted(name),
                    "failed_posts": self.truth.failed[name],
                    "to": "files only" if name not in self._webhooks.urls else "its URL",
                }
                for name in self.names
            }
        }
