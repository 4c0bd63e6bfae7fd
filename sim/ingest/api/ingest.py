"""The ingest API without HTTP: headers and bytes in, an `Answer` out (contract section 4).

No threads, no asyncio, no clock of its own: a fleet simulator calls this at full speed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from pydantic import BaseModel, ValidationError

from badge.contract.events import DEVICE_ID_PATTERN
from badge.contract.patterns import message
from badge.contract.version import Version
from sim.ingest.api import answers, bodies
from sim.ingest.api.answers import Answer, RefusedError, Verdicts
from sim.ingest.api.pace import RequestPace
from sim.ingest.api.sift import Sifted, checked, is_of_others, read_events, read_note, sift
from sim.ingest.store.keys import device_named_by, hash_key, key_matches, new_device_key, new_key
from sim.ingest.store.sqlite import IngestStore, StoreUnavailableError
from sim.ingest.store.values import EquipmentTag, KnownDevice, Parcel, Sighting

KEY_HEADER = "x-actual-api-key"
PROVISIONING, ADMIN, DEVICE = "provisioning", "admin", "device"
_DEVICE_ID = re.compile(DEVICE_ID_PATTERN)

Headers = Mapping[str, str]
Clock = Callable[[], int]
M = TypeVar("M", bound=BaseModel)
P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Rules:
    """What an operator may choose; the default asks for keys and limits nothing else."""

    open: bool = False
    oldest_firmware: Version | None = None
    requests_per_minute: int | None = None


def _answering(
    ask: Callable[Concatenate[Ingest, P], Answer],
) -> Callable[Concatenate[Ingest, P], Answer]:
    """Turn what ends a request half-way into its answer."""

    @wraps(ask)
    def answer(self: Ingest, /, *args: P.args, **kwargs: P.kwargs) -> Answer:
        try:
            return ask(self, *args, **kwargs)
        except RefusedError as refused:
            return refused.answer
        except StoreUnavailableError as error:
            return answers.store_unavailable(error)

    return answer


class Ingest:
    """The API over a store; `clock` returns UTC as whole milliseconds since 1970.

    `steady` returns milliseconds that nobody sets back, for the rate limit; in simulated time the
    clock is as good.  Every method answers; none raises for what was sent or for a store that is
    down.
    """

    def __init__(
        self,
        store: IngestStore,
        clock: Clock,
        rules: Rules | None = None,
        *,
        steady: Clock | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._steady = steady or clock
        self.rules = rules or Rules()
        limit = self.rules.requests_per_minute
        self._pace = RequestPace(limit) if limit else None

    def new_service_keys(self) -> dict[str, str]:
        """Make and keep a provisioning and an admin key; this is the only time they are known."""
        keys = {PROVISIONING: new_key("prov"), ADMIN: new_key("admin")}
        for role, key in keys.items():
            self._store.set_service_key(role, hash_key(key))
        return keys

    def turned_away(self, headers: Headers, role: str) -> Answer | None:
        """Say what whoever has no key of that role is answered before a body is read; else None.

        What a stranger sends must not take the room of those who have a key.  The requests
        themselves look again: this says nothing about whose events they are.
        """
        try:
            self._owner(headers) if role == DEVICE else self._require(role, headers)
        except RefusedError as refused:
            return refused.answer
        except StoreUnavailableError as error:
            return answers.store_unavailable(error)
        return None

    @_answering
    def post_events(self, headers: Headers, raw: bytes) -> Answer:
        """`POST /api/events`: keep what is valid; when this returns 202 or 207 it is on disk."""
        owner = self._owner(headers)
        events = self._read(raw, owner)
        sender = owner or _device_in(events)
        if owner is None:
            self._keep_pace(sender)
        sifted = sift(events, self.rules.oldest_firmware)
        if owner and any(event["device_id"] != owner for event in sifted.valid):
            return answers.unauthorized()
        answer = self._keep(sifted)
        if self._pace is not None and sender is not None and answer.status in (202, 207):
            self._pace.count(sender, self._steady())  # a refused request does not count
        return answer

    @_answering
    def post_notehub(self, headers: Headers, raw: bytes) -> Answer:
        """`POST /api/notehub`: one note; what is no badge's event is taken, not stored.

        Otherwise Notehub would send each session's note again and again.
        """
        self._require(ADMIN, headers)
        events = read_note(raw)
        if not events:
            return Answer(202, {"accepted": 0, "rejected": 0, "rejected_events": []})
        return self._keep(sift(events, self.rules.oldest_firmware))

    @_answering
    def post_devices(self, headers: Headers, raw: bytes) -> Answer:
        """`POST /api/devices`: provision a badge; its key is in this answer and nowhere else."""
        self._require(PROVISIONING, headers)
        new = _read(bodies.NewDevice, raw)
        key = new_device_key(new.device_id)
        at = self.now_text()
        device = KnownDevice(**new.model_dump(), provisioned_at=at, key=hash_key(key))
        if not self._store.add_device(device):
            return _exists(f"Device {new.device_id}")
        body = {"device_id": new.device_id, "company_id": new.company_id}
        body |= {"status": "inventory", "provisioned_at": at, "api_key": key}
        return Answer(201, body)

    @_answering
    def get_device_status(self, headers: Headers, device_id: str) -> Answer:
        """`GET /api/devices/{id}/status`: what its events tell about a badge now."""
        self._require(ADMIN, headers)
        device, sighting = self._store.device(device_id), self._store.sighting(device_id)
        if device is None and sighting is None:
            return answers.problem(404, "not_found", "There is no device of this id.")
        body = {"device_id": device_id, "company_id": device.company_id if device else None}
        return Answer(200, body | self._state(sighting))

    @_answering
    def post_equipment_tags(self, headers: Headers, raw: bytes) -> Answer:
        """`POST /api/equipment-tags`: make a tag known."""
        self._require(ADMIN, headers)
        new = _read(bodies.NewEquipmentTag, raw)
        tag = EquipmentTag(**new.model_dump(), status="active", created_at=self.now_text())
        if not self._store.add_tag(tag):
            return _exists(f"Tag {tag.tag_mac}")
        return Answer(201, asdict(tag))

    @_answering
    def post_parcels(self, headers: Headers, raw: bytes) -> Answer:
        """`POST /api/parcels`: load a parcel's polygon."""
        self._require(ADMIN, headers)
        new = _read(bodies.NewParcel, raw)
        fields = new.model_dump(exclude={"geojson"})
        at = self.now_text()
        if not self._store.add_parcel(
            Parcel(**fields, geojson=new.geojson.model_dump_json(), loaded_at=at)
        ):
            return _exists(f"Parcel {new.parcel_id} of {new.company_id}")
        body = {"parcel_id": new.parcel_id, "company_id": new.company_id, "loaded_at": at}
        return Answer(201, body)

    @_answering
    def get_health(self) -> Answer:
        """`GET /api/health`: what is kept, if the store takes writes."""
        with self._store.group():
            return Answer(200, {"status": "ok", **asdict(self._store.counts())})

    def _keep(self, sifted: Sifted) -> Answer:
        rejected = len(sifted.rejected)
        if not sifted.valid:
            return _all_refused(sifted)
        added = self._store.add_batch(sifted.valid, utc_text(self._clock(), "milliseconds"))
        accepted = len(sifted.valid)
        body = {
            "accepted": accepted,
            "rejected": rejected,
            "rejected_events": [
                {"sequence_number": number, "reason": reason} for number, reason in sifted.rejected
            ],
        }
        tally = Verdicts(accepted, added.duplicates, rejected, added.conflicts)
        return Answer(207 if rejected else 202, body, tally=tally)

    def _read(self, raw: bytes, owner: str | None) -> list[Any]:
        """Read a batch; whose it is comes first: nothing else is told about another's events."""
        try:
            events = read_events(raw)
        except RefusedError:
            self._keep_pace(owner)
            raise
        if owner and is_of_others(events, owner):
            raise RefusedError(answers.unauthorized())
        self._keep_pace(owner)
        return checked(events)

    def _owner(self, headers: Headers) -> str | None:
        """Return the device whose key came along; None if everybody may send."""
        if self.rules.open:
            return None
        key = _key_in(headers)
        device_id = device_named_by(key)
        device = self._store.device(device_id) if key else None
        if not key_matches(key, device.key if device else None):
            raise RefusedError(answers.unauthorized())
        return device_id

    def _require(self, role: str, headers: Headers) -> None:
        if self.rules.open:
            return
        if not key_matches(_key_in(headers), self._store.service_key(role)):
            raise RefusedError(answers.unauthorized())

    def _keep_pace(self, device_id: str | None) -> None:
        if self._pace is None or device_id is None:
            return
        if wait_s := self._pace.wait_s(device_id, self._steady()):
            limit = self.rules.requests_per_minute
            error = f"Limit is {limit} requests a minute per device."
            raise RefusedError(answers.retry_later(429, "rate_limited", error, wait_s))

    def _state(self, sighting: Sighting | None) -> dict[str, Any]:
        if sighting is None:
            fields = ("current_worker_id", "firmware_version", "last_seen_at")
            nothing = dict.fromkeys((*fields, "last_seen_minutes_ago", "battery_pct"))
            return {"status": "inventory", **nothing}
        seen_ms = int(datetime.fromisoformat(sighting.last_seen_at).timestamp() * 1000)
        return {
            "status": "active",
            **asdict(sighting),
            "last_seen_at": utc_text(seen_ms),
            "last_seen_minutes_ago": max(0, self._clock() - seen_ms) // 60_000,
        }

    def now_text(self) -> str:
        """Tell the moment as answers have it, in UTC."""
        return utc_text(self._clock())


def utc_text(ms: int, timespec: str = "seconds") -> str:
    """Write milliseconds since 1970 as `2026-03-14T08:32:15Z`, or with three decimals."""
    moment = datetime.fromtimestamp(ms // 1000, UTC).replace(microsecond=ms % 1000 * 1000)
    return moment.replace(tzinfo=None).isoformat(timespec=timespec) + "Z"


def _key_in(headers: Headers) -> str:
    return next((value for name, value in headers.items() if name.lower() == KEY_HEADER), "")


def _device_in(events: list[Any]) -> str | None:
    named = (str(event.get("device_id")) for event in events if isinstance(event, dict))
    return next(filter(_DEVICE_ID.fullmatch, named), None)


def _all_refused(sifted: Sifted) -> Answer:
    count = len(sifted.rejected)
    number, reason = sifted.rejected[0]
    if sifted.outdated == count:
        return answers.refused_batch(422, "schema_deprecated", reason, count)
    named = "unreadable" if number is None else number
    which = "" if count == 1 else f"all {count} events; the first, "
    error = f"Refused: {which}sequence_number {named}: {reason}"
    return answers.refused_batch(400, "all_rejected", error, count)


def _read(model: type[M], raw: bytes) -> M:
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        detail = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in detail["loc"])
        text = f"{place}: {message(detail)}" if place else message(detail)
        raise RefusedError(answers.problem(400, "invalid_request", text)) from None


def _exists(what: str) -> Answer:
    return answers.problem(409, "already_exists", f"{what} already exists.")
