"""Peridio on a simulated site: badges connect, check, claim the release of a wave, change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal

from sim.platforms.kit.cause import Cause
from sim.platforms.kit.delivery import Delivery
from sim.platforms.kit.event import pick_uuid
from sim.platforms.kit.simulation import Made, Setting
from sim.platforms.peridio.delivery import Policy, Webhook
from sim.platforms.peridio.emitter import Device, Emitter, Release
from sim.platforms.peridio.models import Cohort, PeridioEvent

Reason = Literal["invalid_certificate", "unknown_device", "revoked_certificate"]
REASONS: dict[str, Reason] = {
    "invalid": "invalid_certificate",
    "unknown": "unknown_device",
    "revoked": "revoked_certificate",
}


@dataclass(slots=True)
class _Badge:
    """What Peridio keeps of a badge: the release on record, and whether it is connected."""

    device: Device
    release: str = ""
    connected: str | None = None
    started: Cause | None = None
    looked_ms: int | None = None


class PeridioSimulation:
    """Makes the events of the badges' dealings with Peridio.

    A badge connects with the first upload that gets through after its start or after an outage,
    and looks for a release then and every `check_every_min`.  One with a bad certificate is
    turned away as often.  The webhook's URL is verified before anything else.
    """

    def __init__(self, setting: Setting) -> None:
        words = setting.words
        self._words, self._stream = words, setting.stream
        chance = setting.stream("peridio", "delivery")
        self._organization = pick_uuid(setting.stream("peridio", "organization"))
        self._emit = Emitter(setting.stream("peridio", "ids"), self._organization, words.profile)
        self._secrets = [*setting.secrets, *(_made_up(setting.salt, number) for number in range(2))]
        self._hook = Webhook(
            setting.url,
            self._secrets[0],
            self._emit,
            chance,
            scheme=words.scheme,
            enabled_events=words.subscribed,
            policy=Policy(
                spread_ms=round(words.spread_s * 1000), duplicate_chance=words.duplicates
            ),
        )
        self._badges: dict[str, _Badge] = {}
        self._check_ms = round(words.check_every_min * 60_000)
        self.made: list[Made] = []

    @property
    def enabled(self) -> bool:
        """Whether the URL has passed its verification."""
        return self._hook.state == "enabled"

    @property
    def next_deadline_ms(self) -> int | None:
        """When the next attempt is due."""
        return self._hook.next_deadline_ms

    def begin(self, utc_ms: int) -> None:
        """Verify the URL."""
        self._hook.enable(utc_ms)

    def happens(self, cause: Cause) -> None:
        """Make the events of a cause."""
        act = _ACTS.get(cause.kind)
        if act is not None:
            act(self, cause)

    def due(self, utc_ms: int) -> list[Delivery]:
        """Give the attempts of this moment."""
        return self._hook.due(utc_ms)

    def waits_for(self, delivery: Delivery) -> bool:
        """Anything but a 200 is repeated."""
        return True

    def answered(self, delivery: Delivery, status: int | None, body: bytes, utc_ms: int) -> None:
        """Only 200 is a success."""
        self._hook.answered(delivery, status, utc_ms)

    def stamped(self, delivery: Delivery, utc_ms: int, wall_ms: int) -> Delivery:
        """Sign anew, for a receiver that compares the time of publishing with its own clock."""
        return self._hook.stamped(delivery, utc_ms, wall_ms)

    def _say(self, event: PeridioEvent, cause: Cause, utc_ms: int | None = None) -> None:
        at_ms = cause.utc_ms if utc_ms is None else utc_ms
        name = f"{event.type}.{event.data.type}"
        self.made.append(Made(event.prn, name, at_ms, cause))
        self._hook.publish(event, at_ms)

    def _badge(self, device_id: str) -> _Badge:
        badge = self._badges.get(device_id)
        if badge is None:
            own = self._stream("peridio", device_id)
            cohort = Cohort(cohort_prn=self._prn("cohort", "badges"), cohort_name="badges")
            prn = f"prn:1:{self._organization}:device:{pick_uuid(own)}"
            badge = self._badges[device_id] = _Badge(Device(prn, device_id, cohort))
        return badge

    def _prn(self, kind: str, name: str) -> str:
        return f"prn:1:{self._organization}:{kind}:{pick_uuid(self._stream('peridio', kind, name))}"

    def _release(self, version: str) -> Release:
        return Release(self._prn("release", version), version)

    def _boot(self, cause: Cause) -> None:
        """A restart ends the connection; the first start puts the badge on record."""
        badge = self._badge(cause.device_id)
        self._cut(badge, cause)
        badge.started, badge.looked_ms = cause, None
        badge.release = badge.release or cause.facts["firmware"]

    def _off(self, cause: Cause) -> None:
        self._cut(self._badge(cause.device_id), cause)

    def _link(self, cause: Cause) -> None:
        if not cause.facts["up"]:
            self._cut(self._badge(cause.device_id), cause)

    def _cut(self, badge: _Badge, cause: Cause) -> None:
        """The connection is gone; only the profile `openapi` tells of it."""
        if badge.connected is not None and self._words.profile == "openapi":
            prn, badge.connected = badge.connected, None
            at_ms = cause.utc_ms
            event = self._emit.disconnected(badge.device, utc_ms=at_ms, connected_event_prn=prn)
            self._say(event, cause)
        badge.connected = None

    def _upload(self, cause: Cause) -> None:
        """The badge has network: it comes to Peridio too."""
        badge, now_ms = self._badge(cause.device_id), cause.utc_ms
        due = badge.looked_ms is None or now_ms - badge.looked_ms >= self._check_ms
        started = badge.started or cause
        if cause.facts["certificate"] is not None:
            if due or badge.connected is not None:
                self._cut(badge, cause)
                badge.looked_ms = now_ms
                reason = REASONS[cause.facts["certificate"]]
                event = self._emit.authentication_failed(badge.device, reason, utc_ms=now_ms)
                self._say(event, started if badge.started else cause)
                badge.started = None
            return
        if badge.connected is None:
            event = self._emit.connected(badge.device, utc_ms=now_ms)
            badge.connected = event.prn
            self._say(event, started, now_ms)
            self._report_release(badge, cause.facts["firmware"], started, now_ms)
            badge.started = None
        if due:
            badge.looked_ms = now_ms
            self._look(badge, cause, None)

    def _report_release(self, badge: _Badge, version: str, cause: Cause, now_ms: int) -> None:
        """The badge says what it runs; if that is news, the record changes."""
        if version == badge.release:
            return
        before, after = self._release(badge.release), self._release(version)
        badge.release = version
        event = self._emit.release_changed(badge.device, before, after, utc_ms=now_ms)
        self._say(event, cause, now_ms)
        event = self._emit.updated(badge.device, ["release"], utc_ms=now_ms, release=after)
        self._say(event, cause, now_ms)

    def _look(self, badge: _Badge, cause: Cause, offered: Release | None) -> None:
        current = self._release(badge.release)
        event = self._emit.checked_for_release(badge.device, current, offered, utc_ms=cause.utc_ms)
        self._say(event, cause)

    def _offer(self, cause: Cause) -> None:
        """The wave has reached the badge: it looks, and claims the release."""
        badge = self._badge(cause.device_id)
        badge.looked_ms = cause.utc_ms
        release = self._release(cause.facts["version"])
        self._look(badge, cause, release)
        self._say(self._emit.claimed_release(badge.device, release, utc_ms=cause.utc_ms), cause)

    def _api_key(self, cause: Cause) -> None:
        name = cause.facts["name"]
        user = f"prn:1:user:{pick_uuid(self._stream('peridio', 'user'))}"
        key = self._prn("api_key", name)
        self._say(self._emit.api_key_created(key, name, user, utc_ms=cause.utc_ms), cause)

    def _rolled(self, cause: Cause) -> None:
        self._hook.roll_secret(self._secrets[1], cause.facts["ttl_s"], cause.utc_ms)


def _made_up(salt: str, number: int) -> str:
    """A secret in form only, for who gave none: the same each time, so nothing is kept secret."""
    return blake2b(f"{salt}/{number}".encode(), digest_size=16).hexdigest().upper()


_ACTS: dict[str, Callable[[PeridioSimulation, Cause], None]] = {
    "boot": PeridioSimulation._boot,
    "off": PeridioSimulation._off,
    "link": PeridioSimulation._link,
    "upload": PeridioSimulation._upload,
    "offer": PeridioSimulation._offer,
    "api_key": PeridioSimulation._api_key,
    "rolled": PeridioSimulation._rolled,
}
