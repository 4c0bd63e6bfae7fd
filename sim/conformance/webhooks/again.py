"""Deliveries that come again, out of order, at once, or after a failure."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from random import Random
from time import sleep

from sim.conformance.kit.check import hook_check
from sim.conformance.kit.webhook import WebhookSession
from sim.platforms.peridio.delivery import Policy

KEYS = {
    "blecon": "CloudEvents: the same source and id is the same event",
    "grouplink": "GroupLink, FAQ: mm, created_at, event_type and cell_id are the key",
    "peridio": "Peridio, events: prn is the key; an event may come again",
}
ORDER = {
    "blecon": "Blecon: no order is promised",
    "grouplink": "GroupLink: no order is promised",
    "peridio": "Peridio, events: not in order; sort by inserted_at",
}
RETRY = {
    "blecon": "an answer got lost: the device asks again",
    "grouplink": "an answer got lost: the entry comes again",
    "peridio": "Peridio, webhooks: what failed comes again for up to three days",
}
TIMES = 6
MINUTE_MS = 60_000


@hook_check("acknowledges an event again", KEYS)
def _again(t: WebhookSession) -> None:
    one = t.event()
    for _ in range(3):
        t.expect_taken(t.deliver(one), "an event that came before")


@hook_check("acknowledges the very same POST again", KEYS)
def _replayed(t: WebhookSession) -> None:
    body = t.body(t.event())
    stamped = t.stamp(body)
    for _ in range(2):
        t.expect_taken(t.post(body, stamped), "the same POST, headers and all")


@hook_check("acknowledges an event sent eight times at once", KEYS)
def _at_once(t: WebhookSession) -> None:
    one = t.event()
    with ThreadPoolExecutor(8) as pool:
        for said in pool.map(lambda _: t.deliver(one), range(8)):
            t.expect_taken(said, "an event that is being taken at this moment")


@hook_check("keeps events apart that differ in one thing", KEYS)
def _almost_the_same(t: WebhookSession) -> None:
    one = t.event()
    changes = {
        "grouplink": ("mm", "created_at"),
        "blecon": ("id",),
        "peridio": ("prn",),
    }
    other = t.event(age_ms=1000)
    for name in changes[t.platform.name]:
        t.expect_taken(t.deliver(one | {name: other[name]}), f"the same event but for {name}")
    t.expect_taken(t.deliver(one))


@hook_check("accepts events out of order", ORDER)
def _out_of_order(t: WebhookSession) -> None:
    for minutes in (0, 60, 10, 1):
        t.expect_taken(t.deliver(t.event(age_ms=minutes * MINUTE_MS)), "an older event, later")


@hook_check("takes an event whose answer was lost", RETRY)
def _lost_answer(t: WebhookSession) -> None:
    body = t.body(t.event())
    head = t.head(body, f"Content-Length: {len(body)}")
    for _ in range(3):
        t.raw([head, body], then_leave=True)
    t.expect_taken(t.post(body), "an event whose answers were lost")


@hook_check("takes an event that was cut off before", RETRY)
def _cut_off(t: WebhookSession) -> None:
    body = t.body(t.event())
    head = t.head(body, f"Content-Length: {len(body)}")
    for share in (0.1, 0.5, 0.99):
        t.raw([head, body[: int(len(body) * share)]], then_leave=True)
    t.expect_taken(t.post(body), "an event of which parts came before")


@hook_check("takes an event that came falsely before", RETRY, needs=("secret",))
def _falsely_before(t: WebhookSession) -> None:
    body = t.body(t.event())
    t.expect_refused(t.post(body, {}), "a delivery without its proof")
    t.expect_taken(t.post(body), "an event that somebody else had posted without proof")


@hook_check(
    "takes all in the end, tried again with backoff",
    {"peridio": "Peridio, webhooks: retries with jittered backoff until a 200"},
)
def _backoff(t: WebhookSession) -> None:
    # Peridio's schedule on a shorter clock: a receiver may say 503 now and then, and loses nothing.
    policy = Policy(first_ms=100, cap_ms=2000)
    chance = Random(7)  # noqa: S311  # the jitter of a test
    for _ in range(5):
        body = t.body(t.event())
        for attempt in range(1, TIMES + 1):
            said = t.post(body)
            if said.status == 200:
                break
            sleep(policy.delay_ms(attempt, chance) / 1000)
        t.expect_taken(said, f"an event, at the latest at attempt {TIMES}")
