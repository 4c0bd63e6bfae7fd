"""One delivery by hand, right or wrong on purpose, and what the receiver made of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal, get_args

from pydantic import ValidationError

from badge.contract.documents import parse
from badge.contract.patterns import message
from badge.errors import InputError
from sim.net.answer import Answer
from sim.net.client import Client
from sim.net.url import split_url, without_password
from sim.platforms.kit import receiver
from sim.platforms.kit.delivery import CONTENT_TYPE, Delivery, Headers
from sim.platforms.kit.event import EventModel, EventType
from sim.platforms.kit.platform import Platform
from sim.platforms.schemas import profile_of

SendFault = Literal["stale", "bad-signature", "duplicate", "reorder", "slow", "truncated"]
FAULTS: tuple[SendFault, ...] = get_args(SendFault)
MUST_REFUSE: tuple[SendFault, ...] = ("stale", "bad-signature", "slow", "truncated")
STALE_MS = 10 * 60 * 1000
ANSWER_MAX_BYTES = 1 << 16
_CHUNKS = 20


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be sent: a type, with fields overridden (`path=value`), in a profile, signed."""

    platform: Platform
    type_name: str
    url: str
    overrides: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    profile: str | None = None
    scheme: str | None = None
    unchecked: bool = False


@dataclass(frozen=True, slots=True)
class SendResult:
    """The receiver's answer; `status` None and a reason if there was none."""

    status: int | None
    body: bytes = b""
    reason: str = ""


def plan(order: Order, ids: Random, utc_ms: int, fault: SendFault | None = None) -> list[Delivery]:
    """The deliveries of an order, one or two, with a fault built in; InputError if it cannot be."""
    row = _row(order)
    _check(order, fault)
    event = _event(order, row, ids, utc_ms)
    body = order.platform.pack([event])
    if fault == "stale":
        return [_delivery(order, 1, body, _stamp(order, body, utc_ms - STALE_MS))]
    if fault == "bad-signature":
        return [_delivery(order, 1, body, _stamp(order, body, utc_ms, _spoilt(order.secrets)))]
    right = _delivery(order, 1, body, _stamp(order, body, utc_ms))
    if fault == "truncated":
        return [_delivery(order, 1, body[: len(body) // 2], right.headers[1:])]
    if fault == "duplicate":
        return [right, _delivery(order, 2, body, _stamp(order, body, utc_ms))]
    if fault == "reorder":
        older = order.platform.pack([_event(order, row, ids, utc_ms - 60_000)])
        return [right, _delivery(order, 2, older, _stamp(order, older, utc_ms))]
    return [right]


def post(
    delivery: Delivery, *, dribble_s: float = 0, pause: Callable[[float], None] = time.sleep
) -> SendResult:
    """Make one delivery; with `dribble_s` the body is spread over that time.

    InputError if the address is bad or nobody can be reached there; a connection that is closed
    or silent is a result.
    """
    body = _dribbled(delivery.body, dribble_s, pause) if dribble_s else delivery.body
    headers = dict(delivery.headers) | {"content-length": str(len(delivery.body))}
    with Client(timeout_s=delivery.timeout_s + dribble_s) as client:
        answer = client.request("POST", delivery.url, body, headers, bytes_max=ANSWER_MAX_BYTES)
    if isinstance(answer, Answer):
        return SendResult(answer.status, answer.body)
    if answer.cause in ("away", "unknown host", "certificate", "tls"):
        start = "start a receiver there, for instance with `badge listen`"
        remedy = start if answer.cause == "away" else answer.remedy
        raise InputError(f"{without_password(delivery.url)}: {answer.what}; {remedy}")
    if answer.cause == "late":
        return SendResult(None, reason=f"no answer within {delivery.timeout_s + dribble_s:g} s")
    return SendResult(None, reason=str(answer))


def accepted(platform: Platform, results: Sequence[SendResult]) -> bool:
    """Whether the platform would take every one of these answers for a success."""
    return all(o.status is not None and platform.accepted(o.status) for o in results)


def _row(order: Order) -> EventType:
    profile = profile_of(order.platform, order.profile)
    row = order.platform.find(order.type_name, profile)
    if row is None:
        names = ", ".join(kind.name for kind in order.platform.types(profile))
        raise InputError(f"type {order.type_name!r}: {order.platform.title} has {names}")
    return row


def _check(order: Order, fault: SendFault | None) -> None:
    platform = order.platform
    split_url("--to", order.url, "http://127.0.0.1:8787/")
    receiver.check_secrets(platform, order.secrets, order.scheme)
    if fault == "stale" and not platform.schemes:
        raise InputError(
            f"fault stale: {platform.title} stamps no time that a receiver could check"
        )
    if fault in ("stale", "bad-signature") and not order.secrets:
        raise InputError(f"fault {fault}: there is nothing to get wrong; give --secret")


def _event(order: Order, row: EventType, ids: Random, utc_ms: int) -> EventModel:
    sample = row.sample(order.type_name, ids, utc_ms)
    if not order.overrides:
        return sample
    content = sample.model_dump(exclude_unset=True)
    for override in order.overrides:
        _override(content, override)
    model = EventModel if order.unchecked else row.model
    try:
        return model.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        path = ".".join(str(part) for part in first["loc"])
        raise InputError(
            f"--set: {path}: {message(first)}; --unchecked sends it all the same"
        ) from None


def _override(content: dict[str, object], override: str) -> None:
    path, equals, text = override.partition("=")
    *parents, last = path.split(".")
    place: object = content
    for part in parents:
        place = _step(place, part, path)
    if not equals or not last or not isinstance(place, (dict, list)):
        raise InputError(f"--set {override}: write path=value, for instance data.rssi=-70")
    if isinstance(place, dict):
        place[last] = _value(text)
    else:
        _step(place, last, path)
        place[int(last)] = _value(text)


def _step(place: object, part: str, path: str) -> object:
    if isinstance(place, dict) and part in place:
        return place[part]
    if isinstance(place, list) and part.isdecimal() and int(part) < len(place):
        return place[int(part)]
    raise InputError(f"--set {path}: there is no {part!r} in this event")


def _value(text: str) -> object:
    """JSON if it is that, else the text itself."""
    try:
        value: object = parse(text.encode())
    except (InputError, UnicodeEncodeError):
        return text
    return value


def _stamp(order: Order, body: bytes, utc_ms: int, secrets: Sequence[str] | None = None) -> Headers:
    used = order.secrets if secrets is None else secrets
    return order.platform.stamp(body, used, order.scheme, utc_ms) if used else ()


def _spoilt(secrets: Sequence[str]) -> list[str]:
    """Secrets of the right form with another last character."""
    return [secret[:-1] + ("1" if secret.endswith("0") else "0") for secret in secrets]


def _delivery(order: Order, serial: int, body: bytes, stamped: Headers) -> Delivery:
    headers = (CONTENT_TYPE, *stamped)
    return Delivery(serial, order.url, headers, body, order.platform.timeout_s, ())


def _dribbled(body: bytes, dribble_s: float, pause: Callable[[float], None]) -> Iterator[bytes]:
    size = max(1, -(-len(body) // _CHUNKS))
    for start in range(0, len(body), size):
        yield body[start : start + size]
        pause(dribble_s / _CHUNKS)
