"""The same event again: sent twice, kept once, acknowledged each time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sim.conformance.kit.check import check
from sim.conformance.kit.samples import event
from sim.conformance.kit.session import HttpSession

CLAUSE = "contract 4, 202: duplicates count as accepted and are not written twice"


def _shift(worker: str) -> dict[str, str]:
    return {"worker_id": worker}


@check("acknowledges a batch again", CLAUSE)
def _again(t: HttpSession) -> None:
    badge = t.device()
    batch = [event(badge.device_id, number) for number in range(1, 11)]
    for _ in range(3):
        t.expect_accepted(t.post(badge, batch), 10)


@check("acknowledges a batch that overlaps", CLAUSE)
def _overlapping(t: HttpSession) -> None:
    badge = t.device()
    t.expect_accepted(t.post(badge, [event(badge.device_id, n) for n in range(1, 11)]), 10)
    t.expect_accepted(t.post(badge, [event(badge.device_id, n) for n in range(6, 16)]), 10)


@check("acknowledges an event twice in a batch", CLAUSE)
def _twice_in_a_batch(t: HttpSession) -> None:
    badge = t.device()
    one = event(badge.device_id, 1)
    t.expect_accepted(t.post(badge, [one, one, event(badge.device_id, 2)]), 3)


@check("acknowledges a batch sent at once by two", CLAUSE)
def _in_parallel(t: HttpSession) -> None:
    badge = t.device()
    batch = [event(badge.device_id, number) for number in range(1, 101)]
    with ThreadPoolExecutor(8) as pool:
        for said in pool.map(lambda _: t.post(badge, batch), range(8)):
            t.expect_accepted(said, 100)


@check("acknowledges duplicates beside a wrong event", CLAUSE)
def _beside_a_wrong_one(t: HttpSession) -> None:
    badge = t.device()
    batch = [event(badge.device_id, 1), event(badge.device_id, 2, timestamp_utc="")]
    for _ in range(2):
        t.expect_partly(t.post(badge, batch), 1, [2])


@check("keeps the same number of two devices apart", "contract 1: the dedup key", needs=("admin",))
def _two_devices(t: HttpSession) -> None:
    first, second = t.device(), t.device()
    for badge, worker in ((first, "W-1"), (second, "W-2")):
        t.expect_accepted(
            t.post(badge, [event(badge.device_id, 1, "shift_start", _shift(worker))]), 1
        )
    for badge, worker in ((first, "W-1"), (second, "W-2")):
        t.expect_body(t.expect(t.status(badge.device_id), 200), current_worker_id=worker)


@check("keeps the first content of a number", CLAUSE, needs=("admin",))
def _first_content_stays(t: HttpSession) -> None:
    badge = t.device()
    for worker in ("W-1", "W-2"):
        t.expect_accepted(
            t.post(badge, [event(badge.device_id, 1, "shift_start", _shift(worker))]), 1
        )
    t.expect_body(t.expect(t.status(badge.device_id), 200), current_worker_id="W-1")


@check("goes on behind a duplicate", CLAUSE, needs=("admin",))
def _behind_a_duplicate(t: HttpSession) -> None:
    badge = t.device()
    one = event(badge.device_id, 1, "shift_start", _shift("W-1"))
    t.expect_accepted(t.post(badge, [one]), 1)
    later = event(badge.device_id, 2, "low_battery", {"battery_pct": 9})
    t.expect_accepted(t.post(badge, [one, later]), 2)
    t.expect_body(t.expect(t.status(badge.device_id), 200), current_worker_id="W-1", battery_pct=9)
