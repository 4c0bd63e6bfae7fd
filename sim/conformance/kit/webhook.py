"""A check's session with a receiver of a platform's webhook: deliveries, right and wrong ones."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import urlsplit

from badge.contract.documents import parse
from badge.errors import InputError
from sim.conformance.kit.exchange import HttpExchange
from sim.conformance.kit.profile import ReceiverProfile
from sim.conformance.kit.talk import NotAsPromisedError, Talk
from sim.net.client import Client
from sim.platforms.kit.event import EventModel
from sim.platforms.kit.platform import Platform

Event = dict[str, Any]
ANSWER_WITHIN_S = {"blecon": 5.0, "grouplink": 1.0, "peridio": 10.0}
"""How soon a platform wants its answer, or advises it (GroupLink)."""


@dataclass(slots=True)
class ReceiverUnderTest:
    """The receiver under test: where it is, what it verifies, what it does otherwise on purpose.

    `ids` is the stream of event ids, of a seed drawn once a run, so that a run meets no older one.
    `acknowledged` are the events of deliveries that it took, by dedup key, as they were sent;
    `refused` the keys of those that it turned away; of the `unanswered` it may have taken any.
    """

    url: str
    platform: Platform
    secrets: tuple[str, ...] = field(default=(), repr=False)
    scheme: str | None = None
    profile: ReceiverProfile = field(default_factory=ReceiverProfile)
    ids: Random = field(default_factory=Random)
    acknowledged: dict[str, Event] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    unanswered: dict[str, list[Event]] = field(default_factory=dict)
    last_ms: int = 0  # when the latest event was made

    def session(self, client: Client) -> WebhookSession:
        """A session for one check."""
        return WebhookSession(self, client)

    def missing(self, needs: Iterable[str]) -> str:
        """Why a check that needs these cannot be made; empty if it can."""
        lacking = {
            "secret": (not self.secrets, "this receiver verifies nothing (no --secret)"),
            "second secret": (not self.others, "one secret alone was given"),
            "client_timeout": (
                self.profile.client_timeout_s is None,
                "the profile names no client_timeout_s",
            ),
        }
        return next((why for need in needs for lacks, why in [lacking[need]] if lacks), "")

    @property
    def current(self) -> tuple[str, ...]:
        """The secrets of a delivery: the first, or the first for each header agreed on."""
        if self.platform.schemes:
            return self.secrets[:1]
        first: dict[str, str] = {}
        for secret in self.secrets:
            first.setdefault(secret.partition(":")[0].strip().lower(), secret)
        return tuple(first.values())

    @property
    def others(self) -> tuple[str, ...]:
        """The secrets that are good as well, while one is rolled."""
        return tuple(secret for secret in self.secrets if secret not in self.current)

    @property
    def answer_within_s(self) -> float:
        """How soon it must answer."""
        return self.profile.answer_within_s or ANSWER_WITHIN_S[self.platform.name]


class WebhookSession(Talk):
    """What one check delivers to a receiver, and what comes back."""

    def __init__(self, receiver: ReceiverUnderTest, client: Client) -> None:
        shown = {name.lower() for name in receiver.platform.signed_headers}
        names = [name for name, _ in _stamp(receiver, b"", receiver.current, 0)]
        secret = [name for name in names if name.lower() not in shown]
        values = {value.partition(":")[2].strip() or value for value in receiver.secrets}
        super().__init__(client, receiver.profile.patience_s, secret, values)
        self.receiver = receiver
        self.platform = receiver.platform

    @property
    def now_ms(self) -> int:
        """The machine's clock, which is the receiver's too."""
        return time.time_ns() // 1_000_000

    def event(self, type_name: str = "", *, profile: str | None = None, age_ms: int = 0) -> Event:
        """An event of a type of the platform (its first one), made so long ago, as plain JSON."""
        types = self.platform.types(profile)
        row = self.platform.find(type_name or types[0].name, profile)
        assert row is not None, f"{self.platform.title} has no {type_name}"
        # GroupLink's key is phone, millisecond, type and cell: no two of a run may be alike.
        self.receiver.last_ms = max(self.now_ms, self.receiver.last_ms + 1)
        made = row.sample(type_name or row.name, self.receiver.ids, self.receiver.last_ms - age_ms)
        return written(made)

    def body(self, *events: Event) -> bytes:
        """The body of one POST, compact, as the platform writes it."""
        content: object = list(events) if self.platform.batch_max else events[0]
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()

    def stamp(
        self, body: bytes, secrets: Sequence[str] | None = None, *, age_ms: int = 0
    ) -> dict[str, str]:
        """The headers that prove a delivery's origin, made with these secrets (the current)."""
        used = self.receiver.current if secrets is None else secrets
        return dict(_stamp(self.receiver, body, used, self.now_ms - age_ms))

    def deliver(self, *events: Event, **how: Any) -> HttpExchange:
        """POST events rightly stamped; `how` is that of `post`."""
        return self.post(self.body(*events), **how)

    def post(
        self,
        body: bytes,
        stamped: Mapping[str, str] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> HttpExchange:
        """POST a body as it stands; with other headers of origin, and more or other headers."""
        lines = {"Content-Type": "application/json"}
        lines |= self.stamp(body) if stamped is None else stamped
        lines |= headers or {}
        said = self.ask_url("POST", self.receiver.url, body, lines)
        self._note(body, said)
        return said

    def head(self, body: bytes, *lines: str) -> bytes:
        """The head of a raw POST of a body, rightly stamped; `lines` say how long it is."""
        parts = urlsplit(self.receiver.url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        stamped = [f"{name}: {value}" for name, value in self.stamp(body).items()]
        whole = [f"POST {path} HTTP/1.1", f"Host: {parts.netloc.rpartition('@')[2]}"]
        whole += ["Content-Type: application/json", *lines, *stamped]
        return "\r\n".join([*whole, "", ""]).encode("latin-1")

    def raw(self, pieces: Sequence[bytes], **how: Any) -> HttpExchange:
        """Bytes on a connection of their own; `how` is that of `raw_url`."""
        return self.raw_url(self.receiver.url, pieces, **how)

    # What must have been answered.

    def expect_taken(self, said: HttpExchange, what: str = "") -> HttpExchange:
        """The platform takes the answer for a success."""
        if said.status is None or not self.platform.accepted(said.status):
            status = "200" if self.platform.name == "peridio" else "a status from 200 to 299"
            raise NotAsPromisedError(f"{status} for {what}" if what else status)
        return said

    def expect_refused(self, said: HttpExchange, what: str) -> HttpExchange:
        """The platform does not take the answer for a success; a closed connection will do."""
        if said.status is not None and said.status < 400:
            raise NotAsPromisedError(f"a status from 400 on for {what}")
        return said

    def _note(self, body: bytes, said: HttpExchange) -> None:
        keys = dict(_keyed(self.platform, body))
        if said.status is not None and self.platform.accepted(said.status):
            for key, event in keys.items():
                self.receiver.acknowledged.setdefault(key, event)
        elif said.status is not None:
            self.receiver.refused.update(keys)
        else:
            for key, event in keys.items():
                self.receiver.unanswered.setdefault(key, []).append(event)


def written(event: EventModel) -> Event:
    """An event as the plain JSON that goes out."""
    return event.model_dump(mode="json", exclude_unset=True)


def _stamp(
    receiver: ReceiverUnderTest, body: bytes, secrets: Sequence[str], utc_ms: int
) -> tuple[tuple[str, str], ...]:
    if not secrets:
        return ()
    return receiver.platform.stamp(body, secrets, receiver.scheme, utc_ms)


def _keyed(platform: Platform, body: bytes) -> Iterator[tuple[str, Event]]:
    """The events of a body that is JSON, by their dedup keys."""
    try:
        content: Any = parse(body)
    except InputError:
        return
    for event in content if isinstance(content, list) else [content]:
        key = platform.key_of(event) if isinstance(event, dict) else None
        if key is not None:
            yield key, event
