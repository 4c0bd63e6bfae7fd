"""A check's session with a backend: devices of its own, requests, and what was expected of them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from badge.words import listed
from sim.conformance.kit.exchange import HttpExchange
from sim.conformance.kit.profile import BackendProfile
from sim.conformance.kit.samples import Event
from sim.conformance.kit.talk import NotAsPromisedError, NotLookedAtError, Talk
from sim.net.client import Client

PROVISIONED = 201


@dataclass(frozen=True, slots=True)
class Credentials:
    """A device that may send: its id and its key (empty: this backend asks for none)."""

    device_id: str
    key: str


@dataclass(slots=True)
class Acknowledged:
    """Every event that the backend said it has, by device and number, as it was first sent.

    `refused` are those that it said it does not take; one that is right later is in both.
    """

    events: dict[tuple[str, int], Event] = field(default_factory=dict)
    refused: set[tuple[str, int]] = field(default_factory=set)

    def add(self, events: Iterable[Event], refused: set[object]) -> None:
        """Note a batch that was answered 202 or 207; the first content of a number stands."""
        for event in events:
            number, device_id = event.get("sequence_number"), event.get("device_id")
            if type(number) is not int or not isinstance(device_id, str):
                continue
            if number in refused:
                self.refused.add((device_id, number))
            else:
                self.events.setdefault((device_id, number), event)


@dataclass(slots=True)
class BackendUnderTest:
    """The backend under test: where it is, its keys, what it does otherwise on purpose.

    New device ids count up from a prefix drawn once a run, so that a run meets no older one.
    `hidden_keys` are all keys that are known, and shown to nobody; keys that are made join them.
    """

    url: str
    profile: BackendProfile = field(default_factory=BackendProfile)
    provisioning_key: str = ""
    admin_key: str = ""
    is_open: bool = False
    accounts: list[Credentials] = field(default_factory=list)
    prefix: int = field(default_factory=lambda: secrets.randbits(24) << 8)
    acknowledged: Acknowledged = field(default_factory=Acknowledged)
    hidden_keys: set[str] = field(default_factory=set, repr=False)
    _used: int = 0

    def __post_init__(self) -> None:
        keys = (self.provisioning_key, self.admin_key, *(one.key for one in self.accounts))
        self.hidden_keys.update(filter(None, keys))

    def next_id(self) -> str:
        """An id that no other check of this run has."""
        self._used += 1
        return f"ACT-{(self.prefix + self._used) % (1 << 32):08X}"

    def next_account(self) -> Credentials | None:
        """One of the devices that the user named, while there are any."""
        return self.accounts.pop(0) if self.accounts else None

    def session(self, client: Client) -> HttpSession:
        """A session for one check."""
        return HttpSession(self, client)

    def missing(self, needs: Iterable[str]) -> str:
        """Why a check that needs these cannot be made; empty if it can."""
        admin, profile = self.admin_key or self.is_open, self.profile
        lacking = {
            "keys": (self.is_open, "this backend asks for no keys (--open)"),
            "admin": (not admin, "no admin key was given"),
            "old_firmware": (profile.old_firmware is None, "the profile names no old_firmware"),
            "rate_limit": (
                profile.rate_limit_per_minute is None,
                "the profile names no rate_limit_per_minute",
            ),
            "client_timeout": (
                profile.client_timeout_s is None,
                "the profile names no client_timeout_s",
            ),
        }
        return next((why for need in needs for lacks, why in [lacking[need]] if lacks), "")


class HttpSession(Talk):
    """What one check says to an ingest, and hears."""

    def __init__(self, backend: BackendUnderTest, client: Client) -> None:
        profile = backend.profile
        super().__init__(client, profile.patience_s, (profile.key_header,), backend.hidden_keys)
        self.backend = backend

    @property
    def profile(self) -> BackendProfile:
        """What this backend does otherwise."""
        return self.backend.profile

    def device(self) -> Credentials:
        """A device that no other check uses, with its key."""
        if account := self.backend.next_account():
            return account
        device_id = self.backend.next_id()
        if self.backend.is_open:
            return Credentials(device_id, "")
        if not self.backend.provisioning_key:
            raise NotLookedAtError("no device is left; name more, or give a provisioning key")
        said = self.provision({"device_id": device_id, "company_id": "conformance"})
        if said.status not in self.profile.allowed(PROVISIONED) or not isinstance(said.json, dict):
            raise NotAsPromisedError(f"provisioning {device_id} answers {PROVISIONED} with a key")
        return Credentials(device_id, str(said.json.get("api_key", "")))

    # What can be asked.

    def post(
        self,
        account: Credentials,
        events: object,
        *,
        key: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> HttpExchange:
        """POST events (any JSON value) with the device's key, or another, or none (empty)."""
        body = json.dumps(events, ensure_ascii=False).encode("utf-8", "surrogatepass")
        said = self.post_bytes(account, body, key=key, headers=headers)
        if said.status in self.profile.allowed(202, 207):
            self.backend.acknowledged.add(_events_in(events), _refused(said))
        return said

    def post_bytes(
        self,
        account: Credentials,
        body: bytes,
        *,
        key: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> HttpExchange:
        """POST a body as it stands."""
        own = account.key if key is None else key
        return self.ask("POST", self.profile.events_path, body, own, headers)

    def provision(self, body: object, key: str | None = None) -> HttpExchange:
        """POST a new device with the provisioning key, or another."""
        own = self.backend.provisioning_key if key is None else key
        said = self.ask("POST", self.profile.devices_path, json.dumps(body).encode(), own)
        made = said.json
        if isinstance(made, dict) and isinstance(made.get("api_key"), str) and made["api_key"]:
            self.backend.hidden_keys.add(made["api_key"])
        return said

    def status(self, device_id: str, key: str | None = None) -> HttpExchange:
        """GET what the backend knows of a device now, with the admin's key, or another."""
        path = self.profile.status_path.replace("{device_id}", device_id)
        return self.ask("GET", path, b"", self.backend.admin_key if key is None else key)

    def admin_post(self, path: str, body: object, key: str | None = None) -> HttpExchange:
        """POST a document with the admin's key, or another."""
        own = self.backend.admin_key if key is None else key
        return self.ask("POST", path, json.dumps(body).encode(), own)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        key: str = "",
        headers: dict[str, str] | None = None,
    ) -> HttpExchange:
        """Any request; its exchange is kept."""
        lines = {"Content-Type": "application/json"} if body else {}
        lines |= headers or {}
        if key:
            lines[self.profile.key_header] = self.profile.key_prefix + key
        return self.ask_url(method, self.backend.url.rstrip("/") + path, body, lines)

    def raw(self, account: Credentials, pieces: Sequence[bytes], **how: Any) -> HttpExchange:
        """Bytes on a connection of their own, piece by piece; `how` is that of `raw_url`."""
        url = self.backend.url.rstrip("/") + self.profile.events_path
        return self.raw_url(url, pieces, **how)

    # What must have been answered.

    def expect(self, said: HttpExchange, *statuses: int) -> HttpExchange:
        """The answer has one of these statuses of the contract."""
        allowed = self.profile.allowed(*statuses)
        if said.status not in allowed:
            raise NotAsPromisedError(" or ".join(map(str, allowed)))
        return said

    def expect_body(self, said: HttpExchange, **fields: Any) -> HttpExchange:
        """The answer is a JSON object with these fields and values (others may stand beside)."""
        body = said.json
        if not isinstance(body, dict):
            raise NotAsPromisedError(f"{said.status} with a JSON object as its body")
        for name, value in fields.items():
            if name not in body or body[name] != value or type(body[name]) is not type(value):
                raise NotAsPromisedError(f'"{name}":{json.dumps(value)} in the body')
        return said

    def expect_accepted(self, said: HttpExchange, count: int) -> HttpExchange:
        """All of a batch is acknowledged: 202 and the count."""
        self.expect(said, 202)
        return self.expect_body(said, accepted=count, rejected=0, rejected_events=[])

    def expect_partly(
        self, said: HttpExchange, accepted: int, refused: Sequence[object]
    ) -> HttpExchange:
        """A 207 that names just these numbers, each with a reason."""
        self.expect(said, 207)
        self.expect_body(said, accepted=accepted, rejected=len(refused))
        listed = said.json.get("rejected_events")
        if not isinstance(listed, list) or not all(_is_refusal(one) for one in listed):
            raise NotAsPromisedError("rejected_events with a sequence_number and a reason each")
        named = [one["sequence_number"] for one in listed]
        if sorted(map(repr, named)) != sorted(map(repr, refused)):
            raise NotAsPromisedError(f"rejected_events that name just {_few(refused)}")
        return said

    def expect_refused(self, said: HttpExchange, status: int) -> HttpExchange:
        """Nothing of the batch is kept, and a sentence says why."""
        self.expect(said, status)
        body = said.json
        if (
            not isinstance(body, dict)
            or not isinstance(body.get("error"), str)
            or not body["error"]
        ):
            raise NotAsPromisedError(f'{said.status} with {{"error": a sentence}} as its body')
        return said


def _events_in(sent: object) -> list[Event]:
    """The events of a batch, or of a Notehub route's envelope around one."""
    body = sent.get("body") if isinstance(sent, dict) else sent
    if isinstance(body, dict):
        body = body.get("events", [body])
    return [one for one in body if isinstance(one, dict)] if isinstance(body, list) else []


def _refused(said: HttpExchange) -> set[object]:
    body = said.json
    listed = body.get("rejected_events") if isinstance(body, dict) else None
    if not isinstance(listed, list):
        return set()
    return {one.get("sequence_number") for one in listed if isinstance(one, dict)}


def _is_refusal(one: object) -> bool:
    return (
        isinstance(one, dict)
        and "sequence_number" in one
        and isinstance(one.get("reason"), str)
        and bool(one["reason"])
    )


def _few(numbers: Sequence[object]) -> str:
    return listed([str(number) for number in numbers], 8)
