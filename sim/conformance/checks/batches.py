"""What a batch as a whole must be, and how it is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

from sim.conformance.kit.check import check
from sim.conformance.kit.samples import event
from sim.conformance.kit.session import Credentials, HttpSession


@check("refuses an empty array", "contract 4, 400: empty")
def _empty(t: HttpSession) -> None:
    t.expect_body(t.expect_refused(t.post(t.device(), []), 400), accepted=0)


@check("refuses what is no array", "contract 4, 400: not a JSON array")
def _no_array(t: HttpSession) -> None:
    badge = t.device()
    values: tuple[object, ...] = ({}, {"events": []}, "[]", 7, None, True)
    for value in values:
        t.expect_refused(t.post(badge, value), 400)


@check("refuses an array of other things", "contract 4, 400: all refused")
def _other_things(t: HttpSession) -> None:
    badge = t.device()
    values: tuple[object, ...] = ([1, 2], ["a"], [None], [[]], [{}])
    for value in values:
        t.expect_body(t.expect_refused(t.post(badge, value), 400), accepted=0)


_ALMOST_JSON: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda body: b"",
    "an array that is cut off": lambda body: body[:-20],
    "text behind the array": lambda body: body + b" x",
    "single quotes": lambda body: body.replace(b'"', b"'"),
    "a trailing comma": lambda body: body[:-1] + b",]",
    "a comment": lambda body: b"// events\n" + body,
    "bytes that are not UTF-8": lambda body: body.replace(b"heartbeat", b"heart\xc3\x28"),
    "UTF-16": lambda body: body.decode().encode("utf-16"),
    "a thousand brackets": lambda body: b"[" * 100_000 + b"]" * 100_000,
}


def _not_json(words: str, t: HttpSession) -> None:
    badge = t.device()
    body = json.dumps([event(badge.device_id, 1)]).encode()
    t.expect_refused(t.post_bytes(badge, _ALMOST_JSON[words](body)), 400)


for _words in _ALMOST_JSON:
    check(f"refuses {_words}", "contract 4, 400: not a JSON array")(partial(_not_json, _words))


@check("refuses several devices in a batch", "contract 4, 400: several device_ids")
def _several_devices(t: HttpSession) -> None:
    badge, other = t.device(), t.device()
    batch = [event(badge.device_id, 1), event(other.device_id, 1)]
    t.expect_body(
        t.expect_refused(
            t.post(badge, batch),
            400,
        ),
        accepted=0,
    )
    t.expect_accepted(t.post(badge, batch[:1]), 1)


@check("refuses a batch of which all is wrong", "contract 4, 400: all refused")
def _all_wrong(t: HttpSession) -> None:
    badge = t.device()
    batch = [event(badge.device_id, n, timestamp_utc="yesterday") for n in (1, 2, 3)]
    t.expect_body(t.expect_refused(t.post(badge, batch), 400), accepted=0)


def _too_many(count: int, t: HttpSession) -> None:
    badge = t.device()
    said = t.post(badge, [event(badge.device_id, n) for n in range(1, count + 1)])
    t.expect_body(t.expect_refused(said, 413), accepted=0)
    t.expect_accepted(t.post(badge, [event(badge.device_id, n) for n in range(1, 101)]), 100)


for _count in (501, 612):
    check(f"refuses {_count} events", "contract 4, 413: more than 500 events")(
        partial(_too_many, _count)
    )


@check("says how many events are too many", "contract 4, 413: its sentence", level="should")
def _counts_too_many(t: HttpSession) -> None:
    badge = t.device()
    said = t.expect(t.post(badge, [event(badge.device_id, n) for n in range(1, 613)]), 413)
    t.expect_body(said, error="Batch limit is 500 events. Received 612.")


@check("refuses a device id of another form", "contract 1: ^ACT-[0-9A-F]{8}$")
def _device_ids(t: HttpSession) -> None:
    badge = t.device()
    for wrong in (
        badge.device_id.lower(),
        badge.device_id + "\n",
        badge.device_id[:-1],
        "",
        7,
        None,
    ):
        said = t.post(badge, [event(badge.device_id, 1) | {"device_id": wrong}])
        t.expect(said, 400, 401)


@check("refuses a number that is not one of JSON", "contract 1: NaN and Infinity are errors")
def _not_finite(t: HttpSession) -> None:
    badge = t.device()
    for word in ("NaN", "Infinity", "-Infinity", "1e999"):
        body = json.dumps([event(badge.device_id, 1), event(badge.device_id, 2, "gps")])
        said = t.post_bytes(badge, body.replace("2.4", word).encode())
        t.expect(said, 400, 207)
        if said.status in t.profile.allowed(207):
            t.expect_partly(said, 1, [2])


@check("keeps nothing of a refused batch", "contract 4, 400: all refused", needs=("admin",))
def _keeps_nothing(t: HttpSession) -> None:
    badge, other = t.device(), t.device()
    batch = [event(badge.device_id, 1, "shift_start"), event(other.device_id, 1)]
    t.expect_refused(t.post(badge, batch), 400)
    _knows_no_worker(t, badge)


def _knows_no_worker(t: HttpSession, badge: Credentials) -> None:
    said = t.expect(t.status(badge.device_id), 200, 404)  # 404: it never heard of the device
    known = isinstance(said.json, dict) and said.json.get("current_worker_id")
    t.expect_that(not known, '"current_worker_id":null: nothing was kept')
