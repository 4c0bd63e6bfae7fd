"""A Peridio webhook as a pure machine: verification of the URL, subscription, signing, retries.

What the documents fix: a test fire must get a timely 200 before the webhook is enabled; 200 is
the only success; failures are retried with jittered backoff for up to three days; events come out
of order and more than once; while a secret is rolled there are two signatures.  What they leave
open is `Policy`, and is ours.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Literal
from urllib.parse import urlsplit

from badge.errors import InputError, MisuseError
from badge.words import counted
from sim.platforms.kit.delivery import CONTENT_TYPE, Delivery
from sim.platforms.peridio.emitter import Emitter
from sim.platforms.peridio.models import PeridioEvent, spell
from sim.platforms.peridio.signature import sign, signed_headers

URL_LENGTH_MAX = 1028
GIVE_UP_MS = 3 * 24 * 3600 * 1000
State = Literal["disabled", "verifying", "enabled"]
TEST_FIRE = "webhook.test_fire"


@dataclass(frozen=True, slots=True)
class Policy:
    """What Peridio does not publish: its retry schedule, and how untidy delivery is.

    Each delay is between half and all of `first_ms * factor**n`, capped.  `spread_ms` delays each
    event at random, which is what brings them out of order; `duplicate_chance` sends one again.
    """

    timeout_s: float = 10.0
    first_ms: int = 10_000
    factor: int = 2
    cap_ms: int = 3_600_000
    spread_ms: int = 0
    duplicate_chance: float = 0.0

    def delay_ms(self, attempt: int, chance: Random) -> int:
        """The wait after failed attempt number `attempt`, counted from 1."""
        whole = min(self.cap_ms, self.first_ms * self.factor ** min(attempt - 1, 32))
        return chance.randint(whole // 2, whole)


@dataclass(frozen=True, slots=True)
class _Pending:
    key: str
    body: bytes
    published_ms: int
    url: str
    attempt: int = 1
    verifies: bool = False


class Webhook:
    """One endpoint of a customer; every method takes the time, none has a clock.

    `enabled_events` in either spelling, None for all.  `delivered` and `given_up` list event PRNs
    in the order in which they ended.
    """

    def __init__(
        self,
        url: str,
        secret: str,
        emit: Emitter,
        chance: Random,
        *,
        scheme: str = "guide_code",
        enabled_events: Sequence[str] | None = None,
        policy: Policy | None = None,
    ) -> None:
        self.url = _checked_url(url)
        self.state: State = "disabled"
        self.delivered: list[str] = []
        self.given_up: list[str] = []
        self.prn = emit.prn("webhook")
        sign(secret, "", b"", scheme)  # refuses a bad secret or scheme here, not in mid-flight
        self._secret, self._old_secret, self._old_until_ms = secret, "", 0
        self._emit, self._chance, self._scheme = emit, chance, scheme
        self._enabled = None if enabled_events is None else {spell(e) for e in enabled_events}
        self._policy = policy or Policy()
        self._queue: list[tuple[int, int, _Pending]] = []
        self._in_flight: dict[int, _Pending] = {}
        self._serial = 0

    @property
    def next_deadline_ms(self) -> int | None:
        """When `due` has something next; None if nothing waits."""
        return self._queue[0][0] if self._queue else None

    def enable(self, utc_ms: int) -> None:
        """Try the URL; the webhook is enabled once the test fire got its 200."""
        if self.state != "disabled":
            raise MisuseError(f"the webhook is {self.state} already")
        self.state = "verifying"
        self._verify(self.url, utc_ms)

    def change_url(self, url: str, utc_ms: int) -> None:
        """Try another URL; an enabled webhook keeps the old one until the new one has answered."""
        new = _checked_url(url)
        if self.state == "enabled":
            self._verify(new, utc_ms)
        elif self.state == "disabled":
            self.url = new
        else:
            raise MisuseError("the webhook is being verified; wait for the outcome")

    def test_fire(self, utc_ms: int) -> None:
        """Send a test fire to an enabled webhook, whatever it is subscribed to."""
        if self.state == "enabled":
            event = self._emit.test_fire(self.prn, utc_ms=utc_ms)
            self._push(utc_ms, _Pending(event.prn, event.to_json(), utc_ms, self.url))

    def publish(self, event: PeridioEvent, utc_ms: int) -> bool:
        """Queue an event; false if the webhook is not enabled or not subscribed to it."""
        name = spell(f"{event.type}.{event.data.type}")
        if self.state != "enabled" or not (self._enabled is None or name in self._enabled):
            return False
        pending = _Pending(event.prn, event.to_json(), utc_ms, self.url)
        self._push(utc_ms + self._chance.randint(0, self._policy.spread_ms), pending)
        if self._chance.random() < self._policy.duplicate_chance:
            self._push(utc_ms + self._policy.delay_ms(1, self._chance), pending)
        return True

    def roll_secret(self, secret: str, ttl_s: int, utc_ms: int) -> None:
        """Sign with `secret` from now on, and for `ttl_s` seconds with the old one too."""
        sign(secret, "", b"", self._scheme)
        self._old_secret, self._secret = self._secret, secret
        self._old_until_ms = utc_ms + ttl_s * 1000

    def due(self, utc_ms: int) -> list[Delivery]:
        """The attempts to be made now, each stamped and signed for this moment."""
        attempts = []
        while self._queue and self._queue[0][0] <= utc_ms:
            _, _, pending = heapq.heappop(self._queue)
            attempts.append(self._attempt(pending, utc_ms))
        return attempts

    def stamped(self, delivery: Delivery, utc_ms: int, published_ms: int) -> Delivery:
        """The attempt of `utc_ms` stamped for another clock, with the secrets of its own time."""
        secrets = self._secrets(utc_ms)
        signed = signed_headers(delivery.body, secrets, self._scheme, published_ms)
        return replace(delivery, headers=(CONTENT_TYPE, *signed))

    def answered(self, delivery: Delivery, status: int | None, utc_ms: int) -> None:
        """Take the answer to an attempt (None: none in time, or no connection)."""
        pending = self._in_flight.pop(delivery.serial, None)
        if pending is None:
            raise MisuseError(f"delivery {delivery.serial} is not under way")
        if pending.verifies:
            self._verified(pending, status == 200)
        elif status == 200:
            self.delivered.append(pending.key)
        else:
            self._retry(pending, utc_ms)

    def _verify(self, url: str, utc_ms: int) -> None:
        event = self._emit.test_fire(self.prn, utc_ms=utc_ms)
        self._push(utc_ms, _Pending(event.prn, event.to_json(), utc_ms, url, verifies=True))

    def _verified(self, pending: _Pending, ok: bool) -> None:
        if ok:
            self.url, self.state = pending.url, "enabled"
            self.delivered.append(pending.key)
        elif self.state == "verifying":
            self.state = "disabled"

    def _retry(self, pending: _Pending, utc_ms: int) -> None:
        due_ms = utc_ms + self._policy.delay_ms(pending.attempt, self._chance)
        if due_ms - pending.published_ms > GIVE_UP_MS:
            self.given_up.append(pending.key)
            return
        again = _Pending(
            pending.key, pending.body, pending.published_ms, self.url, pending.attempt + 1
        )
        self._push(due_ms, again)

    def _push(self, due_ms: int, pending: _Pending) -> None:
        self._serial += 1
        heapq.heappush(self._queue, (due_ms, self._serial, pending))

    def _attempt(self, pending: _Pending, utc_ms: int) -> Delivery:
        self._serial += 1
        self._in_flight[self._serial] = pending
        signed = signed_headers(pending.body, self._secrets(utc_ms), self._scheme, utc_ms)
        return Delivery(
            self._serial,
            pending.url,
            (CONTENT_TYPE, *signed),
            pending.body,
            self._policy.timeout_s,
            (pending.key,),
            pending.attempt,
        )

    def _secrets(self, utc_ms: int) -> list[str]:
        """Old before new, as the guide's example has it; no order is promised."""
        rolling = utc_ms < self._old_until_ms
        return [self._old_secret, self._secret] if rolling else [self._secret]


def _checked_url(url: str) -> str:
    parts = urlsplit(url)
    loopback = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    if not (parts.scheme == "https" or loopback) or not parts.hostname:
        raise InputError(f"url {url!r}: Peridio takes https:// only (here http:// on loopback too)")
    if len(url) > URL_LENGTH_MAX:
        raise InputError(
            f"url: {counted(len(url), 'character')}; Peridio takes at most {URL_LENGTH_MAX}"
        )
    return url
