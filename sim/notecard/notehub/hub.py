"""The virtual Notehub: events out over HTTP routes with retries, proxies, and what goes inbound.

A pure machine: `take` hands out HTTP requests, `answered` takes what came back.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.notecard.card.card import Identity
from sim.notecard.codec.arguments import RequestError
from sim.notecard.model.exchange import Inbound, SyncDownload, SyncUpload, WebCall, WebReply
from sim.notecard.model.notefiles import Notefile, check_name
from sim.notecard.model.outputs import Fetch, Fetched, Traced
from sim.notecard.notehub.envelope import event_of, session_event
from sim.notecard.notehub.routes import EventRoute, Proxy, TransformError

RETRY_AFTER_MS = (60_000, 120_000, 180_000)  # three retries in about six minutes
EVENTS_KEPT = 1000
INBOUND_MAX = 1000
FRAGMENTS_BYTES_MAX = 16 << 20
APP = "app:00000000-0000-4000-8000-000000000001"


@dataclass(slots=True)
class _Delivery:
    """One event on its way to one route."""

    event_id: str
    route: EventRoute
    body: bytes
    tries: int = 0
    due_ms: int = 0


@dataclass(slots=True)
class DeliveryCounts:
    """What became of the deliveries."""

    delivered: int = 0
    retried: int = 0
    failed: int = 0


class Hub:
    """One project with one device.  Set `now_ms` (the pump's clock) before each call."""

    def __init__(
        self,
        routes: Sequence[EventRoute] = (),
        proxies: Mapping[str, Proxy] | None = None,
        identity: Identity | None = None,
        app: str = APP,
    ) -> None:
        self.routes, self.proxies = tuple(routes), dict(proxies or {})
        self.identity, self.app = identity or Identity(), app
        self.now_ms = 0
        self.counts = DeliveryCounts()
        self.events: deque[dict[str, Any]] = deque(maxlen=EVENTS_KEPT)
        self._event_count = 0
        self._inbound: list[Inbound] = []
        self._env: dict[str, str] = {}
        self._env_changed = False
        self._signals: list[dict[str, Any]] = []
        self._outbox: list[Fetch | Traced] = []
        self._fetch_count = 0
        self._deliveries: dict[int, _Delivery] = {}
        self._waiting: list[_Delivery] = []
        self._calls: dict[int, Callable[[WebReply], None]] = {}
        self._fragments: dict[tuple[str, str, str], bytes] = {}

    # -- the card's side -------------------------------------------------------------------------

    def exchange(self, upload: SyncUpload) -> SyncDownload:
        """Turn the notes into events, route them, and hand over what waits for the card."""
        if upload.opened:
            self._publish(session_event(upload, **self._numbered()))
        for file, note, templated in upload.notes:
            self._publish(event_of(upload, file, note, templated, **self._numbered()))
        notes, self._inbound = self._inbound, []
        env = dict(self._env) if self._env_changed else None
        self._env_changed = False
        return SyncDownload(notes, env)

    def _numbered(self) -> dict[str, Any]:
        self._event_count += 1
        return {"app": self.app, "number": self._event_count, "at": self.identity}

    def waiting(self) -> bool:
        """See `Notehub`."""
        return bool(self._inbound) or self._env_changed

    def take_signals(self) -> list[dict[str, Any]]:
        """See `Notehub`."""
        signals, self._signals = self._signals, []
        return signals

    def web(self, call: WebCall, answered: Callable[[WebReply], None]) -> None:
        """See `Notehub`; fragments of one upload are put together before they go on."""
        proxy = self.proxies.get(call.route)
        if proxy is None:
            answered(WebReply(0, refusal=f"route not found: {call.route} {{no-handler}}"))
            return
        body = self._whole(call)
        if body is None:
            answered(WebReply(100))
            return
        headers = {"Content-Type": call.content} | dict(proxy.headers) if body else proxy.headers
        url = proxy.address(call.name)
        self._seen(f"{call.method} {call.route}/{call.name.lstrip('/')} ({len(body)} bytes)")
        fetch_id = self._fetch(call.method, url, body, dict(headers), call.timeout_s)
        self._calls[fetch_id] = answered

    def _whole(self, call: WebCall) -> bytes | None:
        if not call.total:
            return call.body
        key = (call.route, call.name, call.label)
        held = self._fragments.pop(key, b"")[: call.offset] + call.body
        if len(held) >= call.total or len(held) > FRAGMENTS_BYTES_MAX:
            return held
        self._fragments[key] = held
        return None

    # -- the outside -----------------------------------------------------------------------------

    def add_note(
        self, file: str, body: dict[str, Any] | None, payload: str = "", note_id: str = ""
    ) -> None:
        """Queue a note for the card; RequestError if the file cannot go inbound."""
        queue = Notefile(check_name(file)).queue
        if not file.endswith((".qi", ".qis", ".db", ".dbs")):
            raise RequestError(
                f"{file}: notes for a device go into .qi or .db {{notefile-bad-name}}"
            )
        if queue == bool(note_id):
            raise RequestError(f"{file}: a note ID is for databases, and required there")
        if len(self._inbound) >= INBOUND_MAX:
            raise RequestError(f"{INBOUND_MAX} notes wait for the device already {{note-max}}")
        self._inbound.append(Inbound(file, body, payload, note_id))
        self._seen(f"inbound note for {file}")

    def set_env(self, variables: Mapping[str, str]) -> None:
        """Set environment variables of the device; an empty text removes one."""
        self._env |= variables
        self._env = {name: text for name, text in self._env.items() if text}
        self._env_changed = True
        self._seen(f"environment: {', '.join(variables)}")

    def send_signal(self, body: dict[str, Any]) -> None:
        """Send a signal; it is heard only while the card is connected."""
        self._signals.append(body)
        self._seen("signal sent")

    # -- routing ---------------------------------------------------------------------------------

    def _publish(self, event: dict[str, Any]) -> None:
        self.events.append(event)
        for route in self.routes:
            if not route.takes(event["file"]):
                continue
            try:
                body = route.body(event)
            except TransformError as error:
                self.counts.failed += 1
                self._seen(f"event {event['event']} not routed: {error}")
                continue
            if body is not None:
                self._deliver(_Delivery(event["event"], route, body))

    def _deliver(self, delivery: _Delivery) -> None:
        route = delivery.route
        headers = {"Content-Type": "application/json"} | dict(route.headers)
        fetch_id = self._fetch("POST", route.url, delivery.body, headers, route.timeout_s)
        self._deliveries[fetch_id] = delivery

    def _fetch(
        self, method: str, url: str, body: bytes, headers: dict[str, str], timeout_s: float
    ) -> int:
        self._fetch_count += 1
        self._outbox.append(Fetch(self._fetch_count, method, url, body, timeout_s, headers))
        return self._fetch_count

    def answered(self, answer: Fetched) -> None:
        """Take the answer to one `Fetch`: of a route, or of a proxy."""
        delivery = self._deliveries.pop(answer.fetch_id, None)
        if delivery is not None:
            self._judge(delivery, answer)
        call = self._calls.pop(answer.fetch_id, None)
        if call is not None:
            self._seen(f"{answer.status or answer.reason} from proxy route")
            call(_web_reply(answer))

    def _judge(self, delivery: _Delivery, answer: Fetched) -> None:
        what = f"event {delivery.event_id}: {answer.status or answer.reason}"
        if 200 <= answer.status < 300:
            self.counts.delivered += 1
            self._seen(what)
        elif delivery.tries < len(RETRY_AFTER_MS):
            delivery.due_ms = self.now_ms + RETRY_AFTER_MS[delivery.tries]
            delivery.tries += 1
            self.counts.retried += 1
            self._waiting.append(delivery)
            self._seen(f"{what}; retry {delivery.tries} of {len(RETRY_AFTER_MS)} later")
        else:
            self.counts.failed += 1
            self._seen(f"{what}; given up")

    def _seen(self, text: str) -> None:
        self._outbox.append(Traced("hub", text))

    # -- the pump's side -------------------------------------------------------------------------

    def take(self) -> list[Fetch | Traced]:
        """The HTTP requests that are due by now, in order, and what there is to watch."""
        due = [one for one in self._waiting if one.due_ms <= self.now_ms]
        self._waiting = [one for one in self._waiting if one.due_ms > self.now_ms]
        for delivery in due:
            self._deliver(delivery)
        outbox, self._outbox = self._outbox, []
        return outbox

    @property
    def next_deadline_ms(self) -> int | None:
        """When the next retry is due."""
        return min((one.due_ms for one in self._waiting), default=None)

    @property
    def idle(self) -> bool:
        """Whether every event has been delivered or given up."""
        return not (self._deliveries or self._waiting or self._outbox)


def _web_reply(answer: Fetched) -> WebReply:
    if answer.status:
        return WebReply(answer.status, answer.body, answer.content_type)
    return WebReply(0, refusal=f"proxy route does not answer: {answer.reason} {{host-unreachable}}")
