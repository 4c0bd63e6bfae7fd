"""What a backend must refuse, one event at a time, and how it must say so."""

from __future__ import annotations

from functools import partial

from badge.contract.events import EVENT_TYPES, EventType
from sim.conformance.kit.check import check
from sim.conformance.kit.samples import (
    FORBIDDEN_NUMBERS,
    event,
    forbidden_envelopes,
    forbidden_payloads,
)
from sim.conformance.kit.session import HttpSession

SOME = 100  # wrong events beside one right one in a batch


def _every_wrong(kind: EventType, t: HttpSession) -> None:
    badge = t.device()
    wrong = list(forbidden_payloads(kind))
    for start in range(0, len(wrong), SOME):
        part = wrong[start : start + SOME]
        numbers = range(start + 2, start + 2 + len(part))
        batch = [event(badge.device_id, 1)]
        batch += [
            event(badge.device_id, number, kind) | {"payload": payload}
            for number, (_, payload) in zip(numbers, part, strict=True)
        ]
        said = t.expect(t.post(badge, batch), 207)
        taken = set(numbers) - {r.get("sequence_number") for r in said.json["rejected_events"]}
        words = [w for number, (w, _) in zip(numbers, part, strict=True) if number in taken]
        t.expect_that(not taken, f"207 that refuses {kind} with {'; '.join(words[:5])}")
        t.expect_partly(said, 1, list(numbers))


for _kind in EVENT_TYPES:
    check(f"refuses every wrong {_kind}", "contract 1 and 2: strict types, ranges, fields")(
        partial(_every_wrong, _kind)
    )


@check("refuses every wrong envelope", "contract 1: envelope")
def _wrong_envelopes(t: HttpSession) -> None:
    badge = t.device()
    wrong = list(forbidden_envelopes(badge.device_id))
    numbers = list(range(2, 2 + len(wrong)))
    batch = [event(badge.device_id, 1)]
    batch += [one | {"sequence_number": n} for n, (_, one) in zip(numbers, wrong, strict=True)]
    said = t.expect(t.post(badge, batch), 207)
    taken = set(numbers) - {r.get("sequence_number") for r in said.json["rejected_events"]}
    words = [w for number, (w, _) in zip(numbers, wrong, strict=True) if number in taken]
    t.expect_that(not taken, f"207 that refuses an envelope with {'; '.join(words[:5])}")
    t.expect_partly(said, 1, numbers)


@check("refuses every wrong sequence number", "contract 1: an integer from 1 to 2^63-1")
def _wrong_numbers(t: HttpSession) -> None:
    badge = t.device()
    good = event(badge.device_id, 1)
    for number in FORBIDDEN_NUMBERS:
        said = t.expect(t.post(badge, [good, event(badge.device_id, number)]), 207)
        t.expect_that(
            said.json.get("accepted") == 1 and said.json.get("rejected") == 1,
            f"207 that refuses the sequence number {number!r}",
        )
    without = {k: v for k, v in good.items() if k != "sequence_number"}
    t.expect_body(t.expect(t.post(badge, [good, without]), 207), accepted=1, rejected=1)


@check("refuses a wrong event at any place", "contract 4, 207: some refused")
def _any_place(t: HttpSession) -> None:
    for place in (0, 1, 4):
        badge = t.device()
        batch = [event(badge.device_id, number) for number in range(1, 6)]
        del batch[place]["timestamp_utc"]
        t.expect_partly(t.post(badge, batch), 4, [place + 1])


@check("refuses every second event", "contract 4, 207: some refused")
def _every_second(t: HttpSession) -> None:
    badge = t.device()
    batch = [event(badge.device_id, number) for number in range(1, 101)]
    for one in batch[::2]:
        one["payload"] = None
    t.expect_partly(t.post(badge, batch), 50, list(range(1, 101, 2)))


@check("names the missing field", "contract 4, 207: the reason", level="should")
def _names_the_field(t: HttpSession) -> None:
    badge = t.device()
    for name in ("firmware_version", "event_type", "timestamp_utc", "payload"):
        wrong = event(badge.device_id, 2)
        del wrong[name]
        said = t.expect_partly(t.post(badge, [event(badge.device_id, 1), wrong]), 1, [2])
        reason = said.json["rejected_events"][0]["reason"]
        t.expect_that(name in reason, f"a reason that names {name}")


@check("takes a refused number when it is right", "contract 4, 207: refused is not kept")
def _refused_is_not_kept(t: HttpSession) -> None:
    badge = t.device()
    wrong = event(badge.device_id, 2, "shift_start", {"worker_id": ""})
    t.expect_partly(t.post(badge, [event(badge.device_id, 1), wrong]), 1, [2])
    t.expect_accepted(t.post(badge, [event(badge.device_id, 2, "shift_start")]), 1)


@check("refuses firmware that is too old", "contract 4, 422", needs=("old_firmware",))
def _too_old(t: HttpSession) -> None:
    badge = t.device()
    old = [event(badge.device_id, n, firmware_version=t.profile.old_firmware) for n in (1, 2)]
    said = t.expect_refused(t.post(badge, old), 422)
    t.expect_body(said, code="schema_deprecated", accepted=0)
    t.expect_partly(
        t.post(badge, [event(badge.device_id, 3, firmware_version="99.0.0"), *old]), 1, [1, 2]
    )


@check("keeps what a 207 acknowledges", "contract 4, 207: accepted ones", needs=("admin",))
def _keeps_the_rest(t: HttpSession) -> None:
    for place in (0, 1):
        badge = t.device()
        batch = [event(badge.device_id, 2, "shift_start", {"worker_id": "W-7"})]
        batch.insert(place, event(badge.device_id, 1, timestamp_utc=""))
        t.expect_partly(t.post(badge, batch), 1, [1])
        t.expect_body(t.expect(t.status(badge.device_id), 200), current_worker_id="W-7")
