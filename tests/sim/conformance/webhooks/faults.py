"""Faults that a receiver of webhooks may have, planted in that of `badge listen`."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sim.conformance.run import hook_checks
from sim.platforms.kit.delivery import Answer, CarriesHeaders, Verdict
from sim.platforms.kit.event import epoch_ms
from sim.platforms.kit.platform import Platform
from sim.platforms.kit.receiver import header
from sim.platforms.peridio.signature import PUBLISHED_AT, SIGNATURE, sign, verify

App = Callable[..., Awaitable[None]]


def _by_the_ascii_key(
    headers: CarriesHeaders,
    body: bytes,
    secrets: Sequence[str],
    *,
    scheme: str | None = None,
    utc_ms: int | None = None,
) -> Verdict:
    return verify(headers, body, secrets, scheme="ascii_key", utc_ms=utc_ms)


Row = Callable[[Platform], Platform]
ONCE, ALL_OF_IT = "processes each event once", "processes what it acknowledged"
NONE_OF_IT, AS_IT_CAME = "processes nothing that it refused", "processes events unchanged"
TAKEN = (ONCE, ALL_OF_IT, NONE_OF_IT, AS_IT_CAME)


@dataclass(frozen=True, slots=True)
class HookFault:
    """What is wrong: another row of the platform, something around the app; who must see it.

    `by` are the checks to make where the one that sees it looks at what was processed.
    """

    sees: str
    row: Row = lambda row: row
    app: Callable[[App], App] = lambda app: app
    by: tuple[str, ...] = ()
    profile: Mapping[str, Any] = field(default_factory=dict)


RIGHT = HookFault("")


# What may be wrong around the app: it sees the whole request, and what was answered.


def around(
    change: Callable[[dict[str, str], bytes], int | None] = lambda headers, body: None,
    after: Callable[[int, bytes], tuple[int, bytes]] = lambda status, body: (status, body),
    read: Callable[[bytes], bytes] = lambda body: body,
) -> Callable[[App], App]:
    """Answer a status at once, or let the app see another body, or change what it answers."""

    def wrap(app: App) -> App:
        async def faulty(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            parts, more = [], True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return
                parts.append(message.get("body", b""))
                more = message.get("more_body", False)
            body = b"".join(parts)
            headers = {k.decode().lower(): v.decode("latin-1") for k, v in scope["headers"]}
            said: list[Any] = []

            async def keep(message: Any) -> None:
                said.append(message)

            early = change(headers, body) if scope["method"] == "POST" else None
            status, answer = early or 0, b"{}"
            if early is None:
                whole = {"type": "http.request", "body": read(body), "more_body": False}
                pending = [whole]

                async def again() -> Any:
                    return pending.pop() if pending else await receive()

                await app(scope, again, keep)
                status = said[0]["status"]
                answer = b"".join(m.get("body", b"") for m in said[1:])
            status, answer = after(status, answer)
            length = (b"content-length", str(len(answer)).encode())
            await send({"type": "http.response.start", "status": status, "headers": [length]})
            await send({"type": "http.response.body", "body": answer})

        return faulty

    return wrap


def late(seconds: float) -> Callable[[App], App]:
    """Work first, answer then."""

    def wrap(app: App) -> App:
        async def faulty(scope: Any, receive: Any, send: Any) -> None:
            await asyncio.sleep(seconds if scope["type"] == "http" else 0)
            await app(scope, receive, send)

        return faulty

    return wrap


def one_at_a_time(app: App) -> App:
    """A receiver of a single thread."""
    busy = asyncio.Lock()

    async def faulty(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        async with busy:
            await app(scope, receive, send)

    return faulty


def any_method(app: App) -> App:
    """Whatever the method is."""

    async def faulty(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["method"] != "POST":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"{}"})
        else:
            await app(scope, receive, send)

    return faulty


def waits_for_ever(app: App) -> App:
    """A body is waited for without an end."""

    async def faulty(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        parts: list[Any] = []
        while not parts or parts[-1].get("more_body"):
            parts.append(await receive())
        parts.reverse()

        async def again() -> Any:
            return parts.pop() if parts else await receive()

        await app(scope, again, send)

    return faulty


def events_of(body: bytes) -> list[dict[str, Any]]:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return []
    listed = content if isinstance(content, list) else [content]
    return [one for one in listed if isinstance(one, dict)]


def refusing(wrong: Callable[[dict[str, Any]], object]) -> Callable[[App], App]:
    return around(lambda headers, body: 400 if any(map(wrong, events_of(body))) else None)


def mentions(*words: str) -> Callable[[App], App]:
    return refusing(lambda one: any(word in json.dumps(one) for word in words))


def second_time(status: int) -> Callable[[App], App]:
    """What came before gets another answer."""
    seen: set[bytes] = set()

    def change(headers: dict[str, str], body: bytes) -> int | None:
        known = body in seen
        if len(events_of(body)) == 1:
            seen.add(body)
        return status if known else None

    return around(change)


def older_refused() -> Callable[[App], App]:
    newest = [""]

    def change(headers: dict[str, str], body: bytes) -> int | None:
        for one in events_of(body):
            moment = str(one.get("time") or one.get("inserted_at") or one.get("created_at") or "")
            if moment < newest[0]:
                return 400
            newest[0] = moment
        return None

    return around(change)


def larger_refused(limit: int) -> Callable[[App], App]:
    return around(lambda headers, body: 413 if len(body) > limit else None)


def whatever_was_sent(app: App) -> App:
    return around(after=lambda status, body: (200, b"{}") if status >= 400 else (status, body))(app)


def processed_first() -> Callable[[App], App]:
    """A delivery without its signature is processed, and then turned away."""
    last = [True]

    def change(headers: dict[str, str], body: bytes) -> None:
        last[0] = SIGNATURE in headers

    return around(change, lambda status, body: (status if last[0] else 401, body))


def seen_unproved() -> Callable[[App], App]:
    """A delivery counts as seen before its signature is looked at."""
    seen: set[bytes] = set()

    def change(headers: dict[str, str], body: bytes) -> int | None:
        if SIGNATURE not in headers:
            seen.add(body)
            return None
        return 200 if body in seen else None

    return around(change)


# What may be wrong with how an origin is proved.


def verified(by: Callable[..., Verdict]) -> Row:
    return lambda row: replace(row, verify=by)


def _anyone(*_: Any, **__: Any) -> Verdict:
    return Verdict(True)


def _if_there(row: Platform) -> Platform:
    """A delivery without the headers passes."""

    def judged(headers: Any, body: bytes, secrets: Any, **how: Any) -> Verdict:
        names = [*row.signed_headers] or [s.partition(":")[0] for s in secrets]
        if any(header(headers, name) is None for name in names):
            return Verdict(True)
        return row.verify(headers, body, secrets, **how)

    return replace(row, verify=judged)


def _values(compare: Callable[[str, str], bool]) -> Row:
    """Values of shared headers are compared in another way."""

    def judged(headers: Any, body: bytes, secrets: Any, **how: Any) -> Verdict:
        pairs = [secret.partition(":") for secret in secrets]
        got = [(header(headers, name) or "", value.strip()) for name, _, value in pairs]
        return Verdict(any(bool(one) and compare(one, value) for one, value in got))

    return verified(judged)


def _exact_names(row: Platform) -> Platform:
    def judged(headers: Any, body: bytes, secrets: Any, **how: Any) -> Verdict:
        names = [secret.partition(":")[0].strip() for secret in secrets[:1]]
        raw = {name.decode("latin-1") for name, _ in headers.raw}
        return Verdict(all(n in raw for n in names)) and row.verify(headers, body, secrets, **how)

    return replace(row, verify=judged)


def _first_secret(row: Platform) -> Platform:
    def judged(headers: Any, body: bytes, secrets: Any, **how: Any) -> Verdict:
        return row.verify(headers, body, secrets[:1], **how)

    return replace(row, verify=judged)


def _signature(change: Callable[[str], str]) -> Row:
    """The header of signatures is read in another way."""

    def judged(headers: Any, body: bytes, secrets: Any, **how: Any) -> Verdict:
        lines = dict(headers.items())
        return verify(
            lines | {SIGNATURE: change(lines.get(SIGNATURE, ""))} if SIGNATURE in lines else lines,
            body,
            secrets,
            **how,
        )

    return verified(judged)


def _by_beginning(headers: Any, body: bytes, secrets: Any, **how: Any) -> Verdict:
    """A signature is compared as far as it goes."""
    at, given = header(headers, PUBLISHED_AT) or "", header(headers, SIGNATURE) or ""
    right = [sign(secret, at, body) for secret in secrets]
    told = verify(headers, body, secrets, **how)
    return Verdict(bool(told) or any(r.startswith(g) for r in right for g in given.split(",")))


def _tolerance(past_s: float, future_s: float) -> Row:
    def judged(headers: Any, body: bytes, secrets: Any, **how: Any) -> Verdict:
        published = epoch_ms(header(headers, PUBLISHED_AT))
        if published is None:
            return verify(headers, body, secrets, **how)
        age_s = (how["utc_ms"] - published) / 1000
        if not -future_s <= age_s <= past_s:
            return Verdict(False, "not now")
        return verify(headers, body, secrets, **{**how, "utc_ms": published})

    return verified(judged)


def _by_inserted_at(headers: Any, body: bytes, secrets: Any, **how: Any) -> Verdict:
    events = events_of(body)
    made = epoch_ms(events[0].get("inserted_at")) if events else None
    if made is not None and how["utc_ms"] - made > 300_000:
        return Verdict(False, "an old event")
    return verify(headers, body, secrets, **how)


def _written_again(headers: Any, body: bytes, secrets: Any, **how: Any) -> Verdict:
    """The body is read and written again before its signature is looked at."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return verify(headers, body, secrets, **how)
    again = json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()
    return verify(headers, again, secrets, **how)


def _body_alone(headers: Any, body: bytes, secrets: Any, **how: Any) -> Verdict:
    """Any time within the last hour will do for the signature."""
    now_s = how["utc_ms"] // 1000
    given = header(headers, SIGNATURE) or ""
    told = verify(headers, body, secrets, **how)
    from sim.platforms.peridio.models import instant

    return Verdict(
        bool(told)
        or any(
            sign(secret, instant((now_s - back) * 1000), body) in given
            for secret in secrets
            for back in range(90)
        )
    )


def _keyed(change: Callable[[Mapping[str, object]], str | None]) -> Row:
    return lambda row: replace(row, key_of=change)


def _in_the_batch(body: bytes) -> bytes:
    """Only the first event of a body is taken."""
    events = events_of(body)
    return json.dumps(events[:1]).encode() if len(events) > 1 else body


def _rounded(body: bytes) -> bytes:
    """What is passed on is not what came."""
    try:
        return json.dumps(json.loads(body, parse_int=float)).encode()
    except (ValueError, RecursionError):
        return body


def _always(status: int, body: bytes = b"{}") -> Row:
    return lambda row: replace(row, answer=lambda types, reply: Answer(status, body))


_EVERYWHERE: dict[str, HookFault] = {
    "anyone may post": HookFault("refuses another secret", verified(_anyone)),
    "who proves nothing may post": HookFault("refuses a delivery without its proof", _if_there),
    "one secret alone": HookFault("takes either secret while one is rolled", _first_secret),
    "403 for 401": HookFault(
        "turns away with 401", app=around(after=lambda s, b: (403 if s == 401 else s, b))
    ),
    "what is wrong is accepted": HookFault("refuses half of a body", app=whatever_was_sent),
    "500 for no JSON": HookFault(
        "refuses what is no JSON", app=around(after=lambda s, b: (500 if s == 400 else s, b))
    ),
    "duplicates are 409": HookFault("acknowledges an event again", app=second_time(409)),
    "every event is new": HookFault(ONCE, _keyed(lambda e: None), by=("acknowledges an event",)),
    "unknown types are refused": HookFault(
        "accepts a type that it does not know", app=mentions("moon", "EVENT_OUT")
    ),
    "unknown fields are refused": HookFault(
        "accepts fields that it does not know", app=mentions("field_of_tomorrow")
    ),
    "events must be in order": HookFault("accepts events out of order", app=older_refused()),
    "it works before it answers": HookFault(
        "answers in time", app=late(0.4), profile={"answer_within_s": 0.2}
    ),
    "one at a time": HookFault(
        "answers while others hang", app=one_at_a_time, profile={"patience_s": 0.7}
    ),
    "a body is waited for without an end": HookFault(
        "hangs up on a body that does not come", app=waits_for_ever
    ),
    "any method will do": HookFault("answers no other method with success", app=any_method),
    "nothing is a success": HookFault("accepts one event", _always(503)),
}

FAULTS: dict[str, dict[str, HookFault]] = {
    "blecon": {
        **_EVERYWHERE,
        "names of headers are compared by letter": HookFault(
            "takes the proof's headers in any letters", _exact_names
        ),
        "a part of the secret will do": HookFault(
            "refuses a part of a secret, and more",
            _values(lambda one, value: value.startswith(one)),
        ),
        "more than the secret will do": HookFault(
            "refuses a part of a secret, and more",
            _values(lambda one, value: one.startswith(value)),
        ),
        "the letters of a secret do not matter": HookFault(
            "refuses a secret in other letters", _values(lambda o, v: o.lower() == v.lower())
        ),
        "one event a POST": HookFault(
            "accepts fifty events in a batch",
            app=around(lambda headers, body: 400 if len(events_of(body)) > 1 else None),
        ),
        "the first event of a batch alone": HookFault(
            ALL_OF_IT, app=around(read=_in_the_batch), by=("fifty events in a batch",)
        ),
        "100 kB a body": HookFault(
            "accepts a batch of the largest messages", app=larger_refused(100_000)
        ),
        "an unknown type refuses its batch": HookFault(
            "accepts a batch with one unknown type", app=mentions("moon")
        ),
        "a time needs an offset": HookFault(
            "accepts a time without an offset, and with",
            app=refusing(lambda one: not str(one.get("time", "Z")).endswith("Z")),
        ),
        "a request is answered in words": HookFault(
            "answers a device's request", _always(200, b"ok")
        ),
        "a request's answer is no hex": HookFault(
            "answers a device's request", _always(200, b'{"response_data":{"payload":"hello"}}')
        ),
        "payloads are hex alone": HookFault(
            "accepts bytes and what was made of them", app=mentions('"records"')
        ),
        "the type is the key": HookFault(
            ALL_OF_IT, _keyed(lambda e: str(e.get("type"))), by=("accepts one event", "fifty")
        ),
        "numbers become floats": HookFault(
            AS_IT_CAME,
            app=around(read=lambda body: body.replace(b'"rssi":-68', b'"rssi":-67')),
            by=("accepts one event",),
        ),
    },
    "grouplink": {
        **_EVERYWHERE,
        "names of headers are compared by letter": HookFault(
            "takes the proof's headers in any letters", _exact_names
        ),
        "a part of the secret will do": HookFault(
            "refuses a part of a secret, and more",
            _values(lambda one, value: value.startswith(one)),
        ),
        "all fields are required": HookFault(
            "accepts an entry of four fields", app=refusing(lambda one: "origin" not in one)
        ),
        "mm has 32 bits": HookFault(
            "accepts an entry noticed in any way",
            app=refusing(lambda one: int(one.get("mm") or 0) >= 2**32),
        ),
        "cells of one size": HookFault(
            "accepts an entry noticed in any way", app=mentions("8b81839825a4fff")
        ),
        "the key without the moment": HookFault(
            ALL_OF_IT, _keyed(lambda e: str(e.get("mm"))), by=("differ in one thing",)
        ),
        "entries of yesterday are refused": HookFault(
            "accepts an event of three days ago",
            app=refusing(lambda one: time.time() - int(one.get("created_at", 0)) / 1000 > 172_800),
        ),
    },
    "peridio": {
        **_EVERYWHERE,
        "202 is a success": HookFault("accepts one event", _always(202)),
        "no time limit": HookFault(
            "refuses what was published ten minutes ago", _tolerance(10**9, 300)
        ),
        "tomorrow is fine": HookFault(
            "refuses what was published tomorrow", _tolerance(300, 10**9)
        ),
        "a minute is too long": HookFault(
            "takes what was published four minutes ago", _tolerance(90, 300)
        ),
        "the event's own time is looked at": HookFault(
            "accepts an event of three days ago", verified(_by_inserted_at)
        ),
        "the first signature alone": HookFault(
            "takes two signatures while a secret is rolled", _signature(lambda s: s.split(",")[0])
        ),
        "the last signature alone": HookFault(
            "takes two signatures while a secret is rolled", _signature(lambda s: s.split(",")[-1])
        ),
        "a blank spoils it": HookFault(
            "takes two signatures with a blank between",
            _signature(lambda s: s.replace(" ", "0")),
        ),
        "a beginning will do": HookFault("refuses a part of a signature", verified(_by_beginning)),
        "the body is written again": HookFault(
            "reads the body as it came", verified(_written_again)
        ),
        "the time is not signed": HookFault(
            "refuses a signature of another time", verified(_body_alone)
        ),
        "another reading of the signature": HookFault(
            "accepts one event",
            lambda row: replace(row, verify=_by_the_ascii_key),
        ),
        "dashes alone": HookFault(
            "accepts every type in the form openapi", app=mentions("release_changed")
        ),
        "a test fire needs a device": HookFault(
            "answers a test fire with 200", app=mentions("test_fire")
        ),
        "the device is the key": HookFault(
            ALL_OF_IT, _keyed(lambda e: str(e.get("type"))), by=("accepts one event", "differ in")
        ),
        "who is turned away is processed": HookFault(
            NONE_OF_IT, verified(_anyone), processed_first(), by=("refuses a delivery without",)
        ),
        "seen before it is proved": HookFault(
            ALL_OF_IT, app=seen_unproved(), by=("came falsely before",)
        ),
    },
}
"""For each platform its faults, and for each the check that must see it."""


def sees(platform: str, fault: str) -> str:
    """The check that must see a fault."""
    return FAULTS[platform][fault].sees


def aimed_at(subject: str) -> list[tuple[str, str]]:
    """The platform and the name of each fault that a check of this subject must see."""
    module = f"sim.conformance.webhooks.{subject}"
    return [
        (platform, name)
        for platform, faults in FAULTS.items()
        for name, fault in faults.items()
        if fault.sees not in TAKEN and _module(platform, fault.sees) == module
    ]


def _module(platform: str, check: str) -> str:
    story: Any = hook_checks(platform)[check].story
    return str(getattr(story, "func", story).__module__)
