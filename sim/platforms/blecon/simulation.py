"""The Blecon network on a simulated site: hotspots hear badges, badges ask and tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from pydantic_core import to_json

from sim.platforms.blecon.delivery import Response, Route, Router
from sim.platforms.blecon.emitter import Device, Emitter, Hotspot, Position
from sim.platforms.blecon.models import BleconEvent
from sim.platforms.kit.cause import Cause
from sim.platforms.kit.delivery import Delivery
from sim.platforms.kit.event import pick_uuid
from sim.platforms.kit.simulation import Made, Setting

ASK_AGAIN_MS = 60_000  # the documents say that the device asks again, not when
NEAR_MS = 120_000  # a badge heard this lately can hand its batch to a hotspot
FIRST_SEEN, SPOTTED = "network.device_first_seen", "network.device_spotted"


@dataclass(slots=True)
class _Badge:
    """What the network keeps of a badge."""

    device: Device
    registered: bool = False
    gone: bool = False
    seen: bool = False
    heard_ms: int = -NEAR_MS
    status: Cause | None = None  # a start of which the network has not heard yet
    question: Cause | None = None
    ask_at_ms: int = 0


class _Told(Router):
    """A router that tells of every event that is published, its own ones too."""

    def __init__(
        self, routes: list[Route], emit: Emitter, tell: Callable[[BleconEvent], None]
    ) -> None:
        super().__init__(routes, emit)
        self._tell = tell

    def publish(self, event: BleconEvent, utc_ms: int) -> None:
        """Tell of it, then route it."""
        self._tell(event)
        super().publish(event, utc_ms)


class BleconSimulation:
    """Makes all 15 types of events out of what hotspots hear and what is done to them.

    A request that no route takes or that fails is asked again the next time that the badge is
    heard, a minute later at the earliest.  `responses` are what the badges got.
    """

    def __init__(self, setting: Setting) -> None:
        words = setting.words
        self._words, self._stream = words, setting.stream
        ids = setting.stream("blecon", "ids")
        self._emit = Emitter(ids, words.profile)
        own = setting.stream("blecon", "network")
        self._network = f"net_{own.getrandbits(32):08x}", f"acc_{own.getrandbits(32):08x}"
        self._routes = [
            Route(
                one.url or setting.url,
                one.filter,
                tuple(one.headers) or tuple(setting.secrets),
                one.timeout_s,
            )
            for one in words.routes
        ]
        self._router = _Told(self._routes, self._emit, self._note)
        self._hotspots = {
            name: (number, hotspot.accuracy_m, hotspot.managed)
            for number, (name, hotspot) in enumerate(words.hotspots.items(), start=1)
        }
        self._badges: dict[str, _Badge] = {}
        self._asking: dict[str, Cause] = {}
        self._cause: Cause | None = None
        self._utc_ms = 0
        self.made: list[Made] = []
        self.responses: list[Response] = []

    @property
    def next_deadline_ms(self) -> int | None:
        """When a batch is full of age, or a request waits."""
        return self._router.next_deadline_ms

    def begin(self, utc_ms: int) -> None:
        """Nothing is verified here."""

    def happens(self, cause: Cause) -> None:
        """Make the events of a cause."""
        self._cause, self._utc_ms = cause, cause.utc_ms
        act = _ACTS.get(cause.kind)
        if act is not None:
            act(self, cause)

    def due(self, utc_ms: int) -> list[Delivery]:
        """Give requests, full batches, and batches a second old."""
        return self._router.due(utc_ms)

    def waits_for(self, delivery: Delivery) -> bool:
        """Only the answer to a request counts."""
        return delivery.keys[0] in self._asking

    def answered(self, delivery: Delivery, status: int | None, body: bytes, utc_ms: int) -> None:
        """Give the response to the badge; without a good one it will ask again."""
        asked = self._asking.pop(delivery.keys[0], None)
        self._cause, self._utc_ms = asked, utc_ms
        response = self._router.answered(delivery, status, body, utc_ms)
        if asked is None or response is None:
            return
        self.responses.append(response)
        read = {"outcome": response.outcome, "response": response.payload.hex()}
        self.made[-1] = replace(self.made[-1], facts=read)  # the event that tells of it
        if response.outcome != "ok":
            self._try_again(asked, utc_ms)

    def stamped(self, delivery: Delivery, utc_ms: int, wall_ms: int) -> Delivery:
        """Nothing in a delivery depends on the time of sending."""
        return delivery

    def _note(self, event: BleconEvent) -> None:
        self.made.append(Made(event.id, event.type, self._utc_ms, self._cause))

    def _badge(self, device_id: str) -> _Badge:
        badge = self._badges.get(device_id)
        if badge is None:
            urn = f"urn:uuid:{pick_uuid(self._stream('blecon', device_id))}"
            badge = self._badges[device_id] = _Badge(Device(urn, *self._network))
        return badge

    def _say(self, event: BleconEvent) -> None:
        self._router.publish(event, self._utc_ms)

    def _plain(self, type_name: str, badge: _Badge) -> None:
        self._say(self._emit.plain(type_name, badge.device, utc_ms=self._utc_ms))

    def _boot(self, cause: Cause) -> None:
        badge = self._badge(cause.device_id)
        if not badge.registered and not badge.gone:  # its first start
            badge.registered = True
            self._plain("network.device_registered", badge)
        badge.status = cause
        if self._words.asks is not None:
            badge.question, badge.ask_at_ms = cause, cause.utc_ms

    def _heard(self, cause: Cause) -> None:
        badge = self._badge(cause.device_id)
        if not badge.registered:
            return
        if not badge.seen:
            badge.seen = True
            self._plain(FIRST_SEEN, badge)
        badge.heard_ms = cause.utc_ms
        self._say(self._spotted(badge, cause))
        if badge.status is not None:
            self._cause, badge.status = badge.status, None
            self._plain("device.advertising_data", badge)
        if badge.question is not None and cause.utc_ms >= badge.ask_at_ms:
            self._ask(badge, badge.question, lasts=cause.facts["lasts"])

    def _spotted(self, badge: _Badge, cause: Cause) -> BleconEvent:
        facts = cause.facts
        number, accuracy_m, managed = self._hotspots[facts["hotspot"]]
        own_id = f"hs_{number:06d}" if managed else None
        hotspot = Hotspot(facts["lat"], facts["lon"], accuracy_m, f"ap_{number:06d}", own_id)
        rssi = facts["rssi_dbm"]
        return self._emit.device_spotted(badge.device, hotspot, rssi_dbm=rssi, utc_ms=self._utc_ms)

    def _ask(self, badge: _Badge, question: Cause, *, lasts: bool) -> None:
        """Request the configuration; if the badge is not heard any longer, it gets no further."""
        self._cause, badge.question = question, None
        if not lasts:
            self._plain("network.request_failed", badge)
            self._try_again(question, self._utc_ms)
            return
        namespace, method = self._words.asks.split(".")
        payload = to_json({"firmware_version": question.facts["firmware"]})
        event = self._emit.device_request(
            badge.device, namespace, method, payload, utc_ms=self._utc_ms
        )
        self._say(event)
        if any(route.takes(event.type) for route in self._routes):
            self._asking[event.id] = question
        else:
            self._try_again(question, self._utc_ms)

    def _try_again(self, question: Cause, utc_ms: int) -> None:
        badge = self._badges[question.device_id]
        if badge.question is None:
            badge.question, badge.ask_at_ms = question, utc_ms + ASK_AGAIN_MS

    def _placed(self, cause: Cause) -> None:
        badge, facts = self._badge(cause.device_id), cause.facts
        if badge.registered:
            _, accuracy_m, _ = self._hotspots[facts["hotspot"]]
            at = Position(facts["lat"], facts["lon"], accuracy_m, facts["moving"])
            self._say(self._emit.device_position(badge.device, at, utc_ms=self._utc_ms))

    def _upload(self, cause: Cause) -> None:
        badge = self._badge(cause.device_id)
        near = cause.utc_ms - badge.heard_ms <= NEAR_MS
        if not badge.registered or not (self._words.batches == "all" or near):
            return
        if self._words.batches != "none":
            body = cause.facts["body"].encode()
            self._say(
                self._emit.device_message(badge.device, "badge", "batch", body, utc_ms=self._utc_ms)
            )

    def _deregistered(self, cause: Cause) -> None:
        badge = self._badge(cause.device_id)
        if badge.registered:
            badge.registered, badge.gone = False, True
            self._plain("network.device_deregistered", badge)

    def _configured(self, cause: Cause) -> None:
        nobody = Device("", *self._network)
        name = f"config.{cause.facts['change']}"
        self._say(self._emit.plain(name, nobody, utc_ms=self._utc_ms))


_ACTS: dict[str, Callable[[BleconSimulation, Cause], None]] = {
    "boot": BleconSimulation._boot,
    "heard": BleconSimulation._heard,
    "placed": BleconSimulation._placed,
    "upload": BleconSimulation._upload,
    "deregistered": BleconSimulation._deregistered,
    "configured": BleconSimulation._configured,
}
