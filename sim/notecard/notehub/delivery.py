"""Events on their way to the HTTP routes, with retries, and the log of each attempt."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sim.notecard.model.outputs import Fetched
from sim.notecard.notehub.routes import EventRoute, TransformError

RETRY_AFTER_MS = (60_000, 120_000, 180_000)  # three retries in about six minutes
LOGS_KEPT = 10_000
WAITING_MAX = 10_000

Send = Callable[[str, str, bytes, dict[str, str], float], int]


@dataclass(slots=True)
class _Delivery:
    """One event on its way to one route."""

    event_id: str
    route: EventRoute
    body: bytes
    tries: int = 0
    due_ms: int = 0
    sent_ms: int = 0


@dataclass(frozen=True, slots=True)
class RouteLog:
    """One attempt, as the API shows it."""

    event_uid: str
    route_uid: str
    at_ms: int
    duration_ms: int
    status: str
    text: str
    url: str
    failed: bool


@dataclass(slots=True)
class DeliveryCounts:
    """What became of the deliveries."""

    delivered: int = 0
    retried: int = 0
    failed: int = 0


class Deliveries:
    """`publish` events, `answered` what came back; `send` performs a POST and gives its number."""

    def __init__(
        self, routes: Sequence[EventRoute], send: Send, seen: Callable[[str], None]
    ) -> None:
        self.routes = tuple(routes)
        self.counts = DeliveryCounts()
        self.logs: deque[RouteLog] = deque(maxlen=LOGS_KEPT)
        self._send, self._seen = send, seen
        self._under_way: dict[int, _Delivery] = {}
        self._waiting: list[_Delivery] = []

    def publish(self, event: dict[str, Any], now_ms: int) -> None:
        """Send an event to each route that takes it."""
        for route in self.routes:
            if not route.takes(event["file"]):
                continue
            try:
                body = route.body(event)
            except TransformError as error:
                self.counts.failed += 1
                self._log(_Delivery(event["event"], route, b""), now_ms, "", str(error), True)
                self._seen(f"event {event['event']} not routed: {error}")
                continue
            if body is not None:
                self._deliver(_Delivery(event["event"], route, body), now_ms)

    def _deliver(self, delivery: _Delivery, now_ms: int) -> None:
        route = delivery.route
        headers = {"Content-Type": "application/json"} | dict(route.headers)
        delivery.sent_ms = now_ms
        number = self._send("POST", route.url, delivery.body, headers, route.timeout_s)
        self._under_way[number] = delivery

    def answered(self, answer: Fetched, now_ms: int) -> None:
        """Take the answer to one POST; an answer to something else is left alone."""
        delivery = self._under_way.pop(answer.fetch_id, None)
        if delivery is None:
            return
        what = f"event {delivery.event_id}: {answer.status or answer.reason}"
        good = 200 <= answer.status < 300
        self._log(delivery, now_ms, str(answer.status or ""), answer.reason, not good)
        if good:
            self.counts.delivered += 1
            self._seen(what)
        elif delivery.tries < len(RETRY_AFTER_MS) and len(self._waiting) < WAITING_MAX:
            delivery.due_ms = now_ms + RETRY_AFTER_MS[delivery.tries]
            delivery.tries += 1
            self.counts.retried += 1
            self._waiting.append(delivery)
            self._seen(f"{what}; retry {delivery.tries} of {len(RETRY_AFTER_MS)} later")
        else:
            self.counts.failed += 1
            self._seen(f"{what}; given up")

    def _log(self, delivery: _Delivery, now_ms: int, status: str, text: str, failed: bool) -> None:
        sent_ms = delivery.sent_ms or now_ms
        route = delivery.route
        self.logs.append(
            RouteLog(
                delivery.event_id,
                route.uid,
                sent_ms,
                now_ms - sent_ms,
                status,
                text,
                route.shown_url,
                failed,
            )
        )

    def retry(self, now_ms: int) -> None:
        """Send again what is due by now."""
        due = [one for one in self._waiting if one.due_ms <= now_ms]
        self._waiting = [one for one in self._waiting if one.due_ms > now_ms]
        for delivery in due:
            self._deliver(delivery, now_ms)

    @property
    def next_deadline_ms(self) -> int | None:
        """When the next retry is due."""
        return min((one.due_ms for one in self._waiting), default=None)

    @property
    def idle(self) -> bool:
        """Whether every event has been delivered or given up."""
        return not (self._under_way or self._waiting)
