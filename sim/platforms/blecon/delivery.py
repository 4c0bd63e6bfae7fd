"""Blecon's delivery as a pure machine: routes, batches, requests; time in, deliveries out.

Data routing: a route is a glob filter, a URL and up to five headers, in priority order.  Events
go to every matching route in batches of at most 50 events or one second; a device's request goes
alone, at once, to the first matching route only, and its response goes back to the device.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from badge.contract.documents import parse
from badge.errors import InputError, MisuseError
from badge.words import counted
from sim.platforms.blecon.emitter import Device, Emitter
from sim.platforms.blecon.models import BleconEvent, DevicePayload, is_request
from sim.platforms.kit import receiver
from sim.platforms.kit.delivery import CONTENT_TYPE, Delivery

BATCH_EVENTS_MAX = 50
BATCH_DELAY_MS = 1000
HEADERS_MAX = 5
TIMEOUT_S = 10.0

Outcome = Literal["ok", "handler_not_set", "handler_timeout", "handler_failed"]
STATUS_CODES: dict[Outcome, int] = {
    "ok": 0,
    "handler_not_set": 0x200,
    "handler_timeout": 0x201,
    "handler_failed": 0x202,
}


@dataclass(frozen=True, slots=True)
class Route:
    """Where events that match `filter` go; `headers` are `Name: value` texts, five at most.

    Of the timeout one page of the documents says 10 s, another 5 s.
    """

    url: str
    filter: str = "*"
    headers: tuple[str, ...] = ()
    timeout_s: float = TIMEOUT_S

    def __post_init__(self) -> None:
        if len(self.headers) > HEADERS_MAX:
            raise InputError(
                f"route to {self.url}: {counted(len(self.headers), 'header')}; Blecon adds at most "
                f"{HEADERS_MAX}"
            )
        for text in self.headers:
            receiver.split_secret(text)

    def takes(self, type_name: str) -> bool:
        """Whether the glob filter matches; `*` matches dots too."""
        return fnmatchcase(type_name, self.filter)


@dataclass(frozen=True, slots=True)
class Response:
    """What became of a device's request: its outcome, and the bytes that it got."""

    key: str
    outcome: Outcome
    payload: bytes = b""

    @property
    def status_code(self) -> int:
        """What the device's SDK calls this outcome (blecon_request_status_code.h)."""
        return STATUS_CODES[self.outcome]


@dataclass(slots=True)
class _Batch:
    events: list[BleconEvent]
    due_ms: int


class Router:
    """Routes events into deliveries; every method takes the time, none has a clock.

    What happens to requests makes events of its own (`network.response_received`,
    `network.routing_failed`, `device.request_failed`), which are routed like all others.  Failed
    deliveries are not repeated: the documents name no retries; the device asks again.
    """

    def __init__(self, routes: Sequence[Route], emit: Emitter) -> None:
        self._routes = tuple(routes)
        self._emit = emit
        self._batches: dict[int, _Batch] = {}
        self._ready: list[Delivery] = []
        self._asking: dict[int, BleconEvent] = {}
        self._serial = 0

    @property
    def next_deadline_ms(self) -> int | None:
        """When `due` has something next; None if nothing waits."""
        if self._ready:
            return 0
        return min((batch.due_ms for batch in self._batches.values()), default=None)

    def publish(self, event: BleconEvent, utc_ms: int) -> None:
        """Route one event: into the batch of each matching route, a request out at once."""
        if is_request(event.type):
            self._ask(event, utc_ms)
            return
        for place, route in enumerate(self._routes):
            if route.takes(event.type):
                self._batch(place, event, utc_ms)

    def due(self, utc_ms: int) -> list[Delivery]:
        """What is to be sent now: requests, full batches, and batches a second old."""
        for place in [p for p, batch in self._batches.items() if batch.due_ms <= utc_ms]:
            self._flush(place)
        ready, self._ready = self._ready, []
        return ready

    def answered(
        self, delivery: Delivery, status: int | None, body: bytes, utc_ms: int
    ) -> Response | None:
        """Take the answer (`status` None: none in time); what the device gets, if it asked."""
        event = self._asking.pop(delivery.serial, None)
        if event is None:
            return None
        response = _response(delivery.keys[0], status, body)
        name = "network.response_received" if response.outcome == "ok" else "device.request_failed"
        self._report(name, event, utc_ms)
        return response

    def _ask(self, event: BleconEvent, utc_ms: int) -> None:
        route = next((route for route in self._routes if route.takes(event.type)), None)
        if route is None:
            self._report("network.routing_failed", event, utc_ms)
            return
        delivery = self._delivery(route, [event])
        self._asking[delivery.serial] = event
        self._ready.append(delivery)

    def _batch(self, place: int, event: BleconEvent, utc_ms: int) -> None:
        batch = self._batches.setdefault(place, _Batch([], utc_ms + BATCH_DELAY_MS))
        batch.events.append(event)
        if len(batch.events) == BATCH_EVENTS_MAX:
            self._flush(place)

    def _flush(self, place: int) -> None:
        batch = self._batches.pop(place)
        self._ready.append(self._delivery(self._routes[place], batch.events))

    def _delivery(self, route: Route, events: Sequence[BleconEvent]) -> Delivery:
        self._serial += 1
        body = b"[" + b",".join(event.to_json() for event in events) + b"]"
        headers = (CONTENT_TYPE, *receiver.stamp_shared_headers(body, route.headers, None, 0))
        keys = tuple(event.id for event in events)
        return Delivery(self._serial, route.url, headers, body, route.timeout_s, keys)

    def _report(self, type_name: str, about: BleconEvent, utc_ms: int) -> None:
        self.publish(self._emit.plain(type_name, _device(about), utc_ms=utc_ms), utc_ms)


def _device(event: BleconEvent) -> Device:
    data = event.data
    if not isinstance(data, DevicePayload) or data.network_id is None or data.account_id is None:
        raise MisuseError("a request to be routed names its device, network and account")
    return Device(data.device_id, data.network_id, data.account_id)


def _response(key: str, status: int | None, body: bytes) -> Response:
    if status is None:
        return Response(key, "handler_timeout")
    if not 200 <= status < 300:
        return Response(key, "handler_failed")
    try:
        return Response(key, "ok", _payload(parse(body)) if body.strip() else b"")
    except (InputError, ValueError):
        return Response(key, "handler_failed")


def _payload(answer: object) -> bytes:
    """The bytes of `{"response_data": {"payload": "<hex>"}}`; none of `{}`; else ValueError."""
    if not isinstance(answer, Mapping):
        raise ValueError("not an object")
    data = answer.get("response_data", {})
    payload = data.get("payload", "") if isinstance(data, Mapping) else None
    if not isinstance(payload, str):
        raise ValueError("payload is not hex text")
    return bytes.fromhex(payload)
