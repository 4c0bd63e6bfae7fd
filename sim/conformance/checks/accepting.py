"""What a backend must take: every event that the contract allows, in any order, at any time."""

from __future__ import annotations

from functools import partial

from badge.contract.events import EVENT_TYPES, SEQUENCE_MAX, EventType
from sim.conformance.kit.check import check
from sim.conformance.kit.samples import allowed_payloads, event
from sim.conformance.kit.session import HttpSession


@check("accepts one event", "contract 4, 202: all accepted")
def _one_event(t: HttpSession) -> None:
    badge = t.device()
    t.expect_accepted(t.post(badge, [event(badge.device_id, 1)]), 1)


@check("accepts all ten types in a batch", "contract 2: events and payloads")
def _all_types(t: HttpSession) -> None:
    badge = t.device()
    batch = [event(badge.device_id, n, kind) for n, kind in enumerate(EVENT_TYPES, start=1)]
    t.expect_accepted(t.post(badge, batch), len(batch))


def _every_form(kind: EventType, t: HttpSession) -> None:
    badge = t.device()
    for number, (words, payload) in enumerate(allowed_payloads(kind), start=1):
        said = t.post(badge, [event(badge.device_id, number, kind, payload)])
        t.expect_that(
            said.status in t.profile.allowed(202), f"202 for {kind} with {words}: it is allowed"
        )


for _kind in EVENT_TYPES:
    check(f"accepts every form of {_kind}", "contract 2: events and payloads")(
        partial(_every_form, _kind)
    )


@check("accepts 500 events", "contract 2: a batch has 1 to 500 events")
def _five_hundred(t: HttpSession) -> None:
    badge = t.device()
    t.expect_accepted(t.post(badge, [event(badge.device_id, n) for n in range(1, 501)]), 500)


@check("accepts a fraction of a second", "contract 1: a fraction is tolerated on reading")
def _fraction(t: HttpSession) -> None:
    badge = t.device()
    # Nanoseconds that are cut and rounded alike: a column of microseconds may do either.
    moments = ("2026-03-14T08:32:15.5Z", "2026-03-14T08:32:15.123456123Z")
    for number, moment in enumerate(moments, start=1):
        said = t.post(badge, [event(badge.device_id, number, timestamp_utc=moment)])
        t.expect_accepted(said, 1)


@check("accepts the largest sequence number", "contract 1: sequence 1 to 2^63-1")
def _largest_number(t: HttpSession) -> None:
    badge = t.device()
    t.expect_accepted(t.post(badge, [event(badge.device_id, SEQUENCE_MAX)]), 1)


@check("accepts events of any moment", "contract 1: timestamp_utc is the event's own moment")
def _any_moment(t: HttpSession) -> None:
    badge = t.device()
    moments = (
        "2024-02-29T23:59:59Z",  # a leap day
        "2025-01-01T00:00:00Z",  # stored through a long outage
        "2031-12-31T23:59:59Z",  # a clock that is ahead
        "2026-03-29T01:30:00Z",  # when Europe's clocks go forward
    )
    batch = [event(badge.device_id, n, timestamp_utc=m) for n, m in enumerate(moments, start=1)]
    t.expect_accepted(t.post(badge, batch), len(batch))


@check("accepts events out of order", "contract 3: a queue drains oldest first, retries reorder")
def _out_of_order(t: HttpSession) -> None:
    badge = t.device()
    t.expect_accepted(t.post(badge, [event(badge.device_id, n) for n in (9, 7, 8)]), 3)
    t.expect_accepted(t.post(badge, [event(badge.device_id, n) for n in (2, 1)]), 2)


@check("accepts gaps in the numbers", "contract 3: after a power cut numbers may skip")
def _gaps(t: HttpSession) -> None:
    badge = t.device()
    t.expect_accepted(t.post(badge, [event(badge.device_id, n) for n in (1, 5, 900, 10**12)]), 4)


@check("accepts any version of firmware", "contract 1: major.minor.patch", level="should")
def _any_firmware(t: HttpSession) -> None:
    badge = t.device()
    versions = ("0.3.1", "1.0.0", "10.20.30")
    batch = [event(badge.device_id, n, firmware_version=v) for n, v in enumerate(versions, 1)]
    t.expect_accepted(t.post(badge, batch), len(batch))


@check("accepts JSON however it is written", "contract 4: a JSON array (RFC 8259)")
def _any_spelling(t: HttpSession) -> None:
    badge = t.device()
    text = (
        '\r\n[ {"payload" : {"worker_id":"W-\\u0142\\ud83d\\ude00"},\t"sequence_number":1,'
        f'"device_id":"{badge.device_id}","event_type":"shift\\u005fstart",'
        '"timestamp_utc":"2026-03-14T08:32:15Z","firmware_version":"0.3.1"} ]\n'
    )
    t.expect_accepted(t.post_bytes(badge, text.encode()), 1)


@check("accepts a Notehub route's event", "contract 4: one object whose body is an event")
def _notehub_event(t: HttpSession) -> None:
    badge = t.device()
    envelope = {"event": "5b1c", "file": "data.qo", "body": event(badge.device_id, 1)}
    t.expect_accepted(t.post(badge, envelope), 1)


@check("accepts a Notehub route's batch", "contract 4: one object whose body.events is an array")
def _notehub_batch(t: HttpSession) -> None:
    badge = t.device()
    events = [event(badge.device_id, number) for number in (1, 2)]
    t.expect_accepted(t.post(badge, {"file": "data.qo", "body": {"events": events}}), 2)
