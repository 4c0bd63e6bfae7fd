"""Several events a POST: Blecon's arrays, of one to fifty events of any types."""

from __future__ import annotations

from sim.conformance.kit.check import hook_check
from sim.conformance.kit.webhook import WebhookSession

CLAUSE = {"blecon": "Blecon, event types: an array of 1 to 50 events, within a second"}
FRAME_BYTES = 4352  # the largest message of a device (its SDK's MTU)


@hook_check("accepts fifty events in a batch", CLAUSE)
def _fifty(t: WebhookSession) -> None:
    t.expect_taken(t.deliver(*(t.event() for _ in range(50))), "fifty events")


@hook_check("accepts all types in a batch", {"blecon": "Blecon: a batch may mix types"})
def _mixed(t: WebhookSession) -> None:
    rows = [row for row in t.platform.types() if not row.name.startswith("device.request.")]
    t.expect_taken(t.deliver(*(t.event(row.name) for row in rows)), "events of all types")


@hook_check("accepts a batch of the largest messages", CLAUSE)
def _largest(t: WebhookSession) -> None:
    batch = [t.event("device.message.sensor.log") for _ in range(50)]
    for one in batch:
        one["data"]["payload"] = "a1" * FRAME_BYTES
    size = len(t.body(*batch))
    t.expect_taken(t.deliver(*batch), f"{size} bytes: fifty messages of {FRAME_BYTES} bytes")


@hook_check("accepts a batch with one unknown type", CLAUSE)
def _one_unknown(t: WebhookSession) -> None:
    for place in (0, 2, 4):
        batch = [t.event() for _ in range(5)]
        batch[place] |= {"type": "network.moon_landed"}
        t.expect_taken(t.deliver(*batch), f"an unknown type as event {place + 1} of 5")


@hook_check("accepts an event twice in a batch", {"blecon": "CloudEvents: source and id"})
def _twice(t: WebhookSession) -> None:
    one = t.event()
    t.expect_taken(t.deliver(one, t.event(), one), "an event twice in a batch")


@hook_check("accepts a batch that overlaps", {"blecon": "CloudEvents: source and id"})
def _overlapping(t: WebhookSession) -> None:
    events = [t.event() for _ in range(15)]
    t.expect_taken(t.deliver(*events[:10]))
    t.expect_taken(t.deliver(*events[5:]), "a batch of five known events and five new ones")


@hook_check(
    "accepts the content type of a batch",
    {"blecon": "CloudEvents, JSON format 4.2: application/cloudevents-batch+json"},
    level="should",
)
def _content_type(t: WebhookSession) -> None:
    kinds = ("application/cloudevents-batch+json", "application/json; charset=utf-8")
    for kind in kinds:
        said = t.post(t.body(t.event()), headers={"Content-Type": kind})
        t.expect_taken(said, f"Content-Type: {kind}")
