"""The way to the ingest and back, with all that can happen on it."""

from __future__ import annotations

import random
from collections import Counter
from functools import partial
from typing import Protocol

from pydantic_core import to_json

from badge.answers import read_answer
from badge.effects import Upload
from badge.inputs import UploadAnswer
from sim.chaos.plan.faults import KINDS, Windows, draw_windows, is_inside
from sim.chaos.plan.plan import Plan
from sim.chaos.rig.ingest import CheckedIngest
from sim.chaos.rig.transcript import Transcript
from sim.engine.clock import Clock
from sim.engine.streams import plain_stream
from sim.ingest.api.answers import Answer, batch_too_long, problem, retry_later

_INGEST_WIDE = ("rate_limited", "too_large", "unauthorized", "schema_deprecated")
_ERRORS = (408, 500, 502, 503, 504)
_LATENCY_MS = (150, 2500)
RETRY_AFTER_MAX_S = 900


class Sender(Protocol):
    """A badge as the network sees it."""

    index: int
    device_id: str

    @property
    def answer_timeout_ms(self) -> int:
        """How long it waits for an answer."""

    def is_covered(self, now_ms: int) -> bool:
        """Tell whether there is coverage where it is."""

    def answered(self, answer: UploadAnswer) -> None:
        """Take an answer, to whatever request."""


class Network:
    """Carries batches to the ingest and answers back; each badge has a random stream of its own."""

    def __init__(
        self,
        plan: Plan,
        clock: Clock,
        ingest: CheckedIngest,
        transcript: Transcript,
        strikes: Counter[str],
    ) -> None:
        self._clock, self._ingest = clock, ingest
        self._transcript, self._strikes = transcript, strikes
        self._rates = dict(plan.faults)
        self._windows: dict[str, Windows] = {
            name: draw_windows(
                plain_stream(plan.seed, "cloud", name),
                KINDS[name],
                self._rates[name],
                plan.fire_ms,
            )
            for name in _INGEST_WIDE
        }
        self._limit = plain_stream(plan.seed, "limit").choice((1, 2, 7, 40))
        self._streams = {i: plain_stream(plan.seed, "network", i) for i in plan.badges}

    def heal(self) -> None:
        """Let everything through from now on; what is under way arrives."""
        self._rates = dict.fromkeys(self._rates, 0.0)
        self._windows = {}
        self._ingest.heal()

    def send(self, sender: Sender, upload: Upload) -> None:
        """Carry a batch, or lose it."""
        rng, now_ms = self._streams[sender.index], self._clock.now_ms
        if not sender.is_covered(now_ms):
            self._strike("outage", sender, upload.request)
            return
        if self._happens("request_lost", rng, sender, upload.request):
            return
        delay_ms = rng.randint(*_LATENCY_MS)
        if self._happens("reordered", rng, sender, upload.request):
            delay_ms += sender.answer_timeout_ms + rng.randrange(600_000)
        arrive = partial(self._arrive, sender, upload)
        self._clock.after(delay_ms, arrive)
        if self._happens("duplicated", rng, sender, upload.request):
            self._clock.after(delay_ms + rng.randrange(300_000), arrive)

    def _arrive(self, sender: Sender, upload: Upload) -> None:
        rng = self._streams[sender.index]
        answer = self._answer(sender, upload, rng)
        self._say(sender, f"request {upload.request} answered {answer.status}")
        if self._happens("answer_lost", rng, sender, upload.request):
            return
        delay_ms = rng.randint(*_LATENCY_MS)
        if self._happens("delayed", rng, sender, upload.request):
            delay_ms += sender.answer_timeout_ms + rng.randrange(600_000)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        told = read_answer(upload.request, answer.status, headers, to_json(answer.body))
        self._clock.after(delay_ms, partial(sender.answered, told))

    def _answer(self, sender: Sender, upload: Upload, rng: random.Random) -> Answer:
        if self._now("rate_limited", sender, upload.request):
            wait_s = rng.randint(5, RETRY_AFTER_MAX_S)
            return retry_later(429, "rate_limited", "Too many requests.", wait_s)
        if upload.count > self._limit and self._now("too_large", sender, upload.request):
            return batch_too_long(upload.count)
        if not self._happens("server_error", rng, sender, upload.request):
            return self._post(sender, upload)
        if rng.random() < 0.5:
            self._post(sender, upload)
        return problem(rng.choice(_ERRORS), "trouble", "Something went wrong.")

    def _post(self, sender: Sender, upload: Upload) -> Answer:
        authorized = not self._now("unauthorized", sender, upload.request)
        deprecating = authorized and self._now("schema_deprecated", sender, upload.request)
        answer = self._ingest.post(
            sender.device_id, upload.body, authorized=authorized, deprecating=deprecating
        )
        if self._rates["poisoned"] and answer.status in (207, 400) and not deprecating:
            self._strike("poisoned", sender, upload.request)
        return answer

    def _now(self, name: str, sender: Sender, request: int) -> bool:
        if not is_inside(self._windows.get(name, ()), self._clock.now_ms):
            return False
        self._strike(name, sender, request)
        return True

    def _happens(self, name: str, rng: random.Random, sender: Sender, request: int) -> bool:
        if rng.random() >= self._rates[name]:
            return False
        self._strike(name, sender, request)
        return True

    def _strike(self, name: str, sender: Sender, request: int) -> None:
        self._strikes[name] += 1
        self._say(sender, f"{name} strikes request {request}")

    def _say(self, sender: Sender, text: str) -> None:
        self._transcript.said(self._clock.now_ms, sender.device_id, text)
