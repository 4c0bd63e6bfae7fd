"""What a receiver must take: every event of the platform, in every form that its pages allow."""

from __future__ import annotations

from functools import partial

from sim.conformance.kit.check import hook_check
from sim.conformance.kit.webhook import WebhookSession

ALL = ("blecon", "grouplink", "peridio")
TAKES = {
    "blecon": "Blecon, webhooks: respond 200",
    "grouplink": "GroupLink, configuration: 200, 201 or 204",
    "peridio": "Peridio, webhooks: 200 alone is a success",
}
GROWS = dict.fromkeys(ALL, "platforms add types and fields: what is not known passes")
DAY_MS = 86_400_000


@hook_check("accepts one event", TAKES)
def _one_event(t: WebhookSession) -> None:
    said = t.deliver(t.event())
    if said.status is not None and not t.platform.accepted(said.status) and t.platform.schemes:
        for scheme in t.platform.schemes:  # which reading of the documents does it have?
            t.receiver.scheme, before = scheme, t.receiver.scheme
            other = t.deliver(t.event())
            t.receiver.scheme = before
            if other.status is not None and t.platform.accepted(other.status):
                t.expect_that(False, f"200; it takes --scheme {scheme}: is that the right one?")
    t.expect_taken(said)


def _every_type(profile: str, t: WebhookSession) -> None:
    for row in t.platform.types(profile):
        t.expect_taken(t.deliver(t.event(row.name, profile=profile)), row.name)


_PROFILES = (
    ("blecon", "current", "must"),
    ("blecon", "seed", "should"),
    ("blecon", "rfc3339", "should"),
    ("grouplink", "default", "must"),
    ("peridio", "guide", "must"),
    ("peridio", "openapi", "must"),
)
for _platform, _profile, _level in _PROFILES:
    hook_check(
        f"accepts every type in the form {_profile}",
        {_platform: f"docs/platforms.md: event types, profile {_profile}"},
        "must" if _level == "must" else "should",
    )(partial(_every_type, _profile))


@hook_check("accepts a type that it does not know", GROWS)
def _unknown_type(t: WebhookSession) -> None:
    one = t.event()
    if t.platform.name == "peridio":
        one["data"] = {"type": "seen-on-the-moon", "data": {"device": {}}}
    else:
        one |= {"type": "network.moon_landed"} if "type" in one else {"event_type": "EVENT_OUT"}
    t.expect_taken(t.deliver(one), "a type of tomorrow")


@hook_check("accepts fields that it does not know", GROWS)
def _unknown_fields(t: WebhookSession) -> None:
    one = t.event() | {"field_of_tomorrow": {"a": [1, None, "\u0142\U0001f600"]}}
    if isinstance(one.get("data"), dict):
        one["data"] |= {"field_of_tomorrow": 7}
    t.expect_taken(t.deliver(one), "fields of tomorrow")


@hook_check(
    "accepts an event of three days ago",
    {
        "peridio": "Peridio, webhooks: failures are retried for up to three days",
        "blecon": "Blecon: time is the event's own, not that of the delivery",
        "grouplink": "GroupLink: created_at is the entry's own, not that of the delivery",
    },
)
def _late(t: WebhookSession) -> None:
    t.expect_taken(t.deliver(t.event(age_ms=3 * DAY_MS)), "an event that was held up so long")


@hook_check("accepts a time without an offset, and with", {"blecon": "Blecon, envelope: time"})
def _times(t: WebhookSession) -> None:
    for moment in ("2026-02-11T15:34:05.123456", "2026-02-11T15:34:05Z", "2026-02-11T15:34:05"):
        t.expect_taken(t.deliver(t.event() | {"time": moment}), f"time {moment}")


@hook_check("accepts bytes and what was made of them", {"blecon": "Blecon, device.message"})
def _translated(t: WebhookSession) -> None:
    for payload in ("a16666", "", {"uptime": 20, "records": [{"id": 1}]}):
        one = t.event("device.message.sensor.log")
        one["data"]["payload"] = payload
        t.expect_taken(t.deliver(one), f"payload {payload!r}")


@hook_check("answers a device's request", {"blecon": "Blecon, device.request: JSON with 200"})
def _request(t: WebhookSession) -> None:
    said = t.expect_taken(t.deliver(t.event("device.request.badge.config")))
    body = said.json
    data = body.get("response_data", {}) if isinstance(body, dict) else None
    payload = data.get("payload", "") if isinstance(data, dict) else None
    right = isinstance(payload, str) and _is_hex(payload)
    t.expect_that(
        right or not said.text.strip(), 'a body like {"response_data":{"payload":"00ff"}}, or {}'
    )


def _is_hex(text: str) -> bool:
    try:
        bytes.fromhex(text)
    except ValueError:
        return False
    return True


@hook_check(
    "accepts an entry of four fields", {"grouplink": "GroupLink, sample validator: required fields"}
)
def _four_fields(t: WebhookSession) -> None:
    one = t.event()
    short = {name: one[name] for name in ("mm", "cell_id", "event_type", "created_at")}
    t.expect_taken(t.deliver(short), "the four fields that are required")


@hook_check(
    "accepts an entry noticed in any way", {"grouplink": "GroupLink, event: origin, os, mm"}
)
def _origins(t: WebhookSession) -> None:
    for change in (
        {"origin": "beacon"},
        {"origin": "gps"},
        {"origin": "network"},
        {"os": "Android", "os_version": "14.0", "brand": "samsung"},
        {"mm": 2**53 - 1},
        {"cell_id": "8b81839825a4fff"},
        {"brand": None, "model": None},
    ):
        t.expect_taken(t.deliver(t.event() | change), repr(change))


@hook_check(
    "answers a test fire with 200",
    {"peridio": "Peridio, URL verification: without its 200 a webhook is not enabled"},
)
def _test_fire(t: WebhookSession) -> None:
    for profile in ("guide", "openapi"):
        said = t.deliver(t.event("webhook.test_fire", profile=profile))
        t.expect_taken(said, f"a test fire in the form {profile}")


@hook_check(
    "answers in time",
    {
        "blecon": "Blecon, webhooks: 5 s (another page: 10 s)",
        "grouplink": "GroupLink, configuration: under 1 s is advised",
        "peridio": "Peridio, troubleshooting: under 10 s",
    },
)
def _in_time(t: WebhookSession) -> None:
    # The fastest of three: a busy network may hold up one answer, and a receiver none.
    took = [t.expect_taken(t.deliver(t.event())).seconds for _ in range(3)]
    limit_s = t.receiver.answer_within_s
    t.expect_that(
        min(took) < limit_s,
        f"an answer within {limit_s:g} s, before any work is done; the fastest of three took "
        f"{min(took):.1f} s",
    )


@hook_check(
    "reads JSON however it is written",
    dict.fromkeys(ALL, "RFC 8259; the order of keys is not promised"),
)
def _any_spelling(t: WebhookSession) -> None:
    import json

    one = t.event()
    turned = dict(reversed(one.items()))
    content: object = [turned] if t.platform.batch_max else turned
    body = b"\r\n " + json.dumps(content, indent=3, ensure_ascii=True).encode() + b"\n"
    t.expect_taken(t.post(body), "the same event with white space and its keys turned round")
