"""Test the tests: bugs seeded into the badge, each of which a short campaign must catch."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

import pytest

from badge.badge import Badge
from badge.effects import Effect, Logged, Upload
from badge.inputs import UploadAnswer
from badge.machines.core import NEVER, Core, Due
from badge.machines.shift import Shift
from badge.machines.upload import Uploads
from badge.storage.journal import FlashJournal
from badge.storage.store import Queue, Recovered
from sim.chaos.plan.plan import draw_plan
from sim.chaos.run import PlanRun

SEEDS = range(1, 41)


def accept_late_answers(patch: pytest.MonkeyPatch) -> None:
    def answer(self: Uploads, answer: UploadAnswer) -> None:
        if self._batch:
            self._core.due[Due.ANSWER] = NEVER
            self._apply(answer)

    patch.setattr(Uploads, "answer", answer)


def release_on_server_errors(patch: pytest.MonkeyPatch) -> None:
    apply = Uploads._apply

    def released(self: Uploads, answer: UploadAnswer) -> None:
        if answer.status is not None and answer.status >= 500:
            self._settle({})
        else:
            apply(self, answer)

    patch.setattr(Uploads, "_apply", released)


def forget_heartbeats(patch: pytest.MonkeyPatch) -> None:
    log = Core.log

    def quiet(self: Core, event_type: Any, payload: Any, **state: Any) -> None:
        if event_type != "upload_heartbeat":
            log(self, event_type, payload, **state)

    patch.setattr(Core, "log", quiet)


def ignore_backoff(patch: pytest.MonkeyPatch) -> None:
    back_off = Uploads._back_off

    def hasty(self: Uploads) -> None:
        back_off(self)
        self._core.due[Due.RETRY] = self._core.now_ms + 1000

    patch.setattr("badge.machines.upload.UPLOAD.rows", _with_action(back_off, hasty))


def ignore_retry_after(patch: pytest.MonkeyPatch) -> None:
    apply = Uploads._apply

    def deaf(self: Uploads, answer: UploadAnswer) -> None:
        told = UploadAnswer(answer.request, answer.status, answer.rejected, answer.code)
        apply(self, told)

    patch.setattr(Uploads, "_apply", deaf)


def _with_action(old: Callable[..., None], new: Callable[..., None]) -> dict[Any, Any]:
    from badge.machines.upload import UPLOAD

    return {
        key: (state, new if action is old else action)
        for key, (state, action) in UPLOAD.rows.items()
    }


def count_no_overflow(patch: pytest.MonkeyPatch) -> None:
    drop = Queue.drop_oldest

    def uncounted(self: Queue) -> Any:
        entry = drop(self)
        self.overflow_count -= 1
        return entry

    patch.setattr(Queue, "drop_oldest", uncounted)


def persist_no_floor(patch: pytest.MonkeyPatch) -> None:
    def forgetful(self: FlashJournal, through: int, rejected: Any) -> Sequence[Effect]:
        for entry in self.queue.settle(through, rejected):
            self._bury(entry.sequence_number)
        return ()

    patch.setattr(FlashJournal, "settle", forgetful)


def persist_no_time(patch: pytest.MonkeyPatch) -> None:
    def forgetful(self: FlashJournal, offset_ms: int) -> tuple[Sequence[Effect], list[Any]]:
        return (), self.queue.stamp(offset_ms)

    patch.setattr(FlashJournal, "stamp", forgetful)


def persist_no_state(patch: pytest.MonkeyPatch) -> None:
    def forgetful(self: FlashJournal, state: Any) -> Sequence[Effect]:
        self.state = state
        return ()

    patch.setattr(FlashJournal, "save_state", forgetful)


def take_refused_for_accepted(patch: pytest.MonkeyPatch) -> None:
    settle = Uploads._settle
    patch.setattr(Uploads, "_settle", lambda self, rejected: settle(self, {}))


def issue_a_number_again(patch: pytest.MonkeyPatch) -> None:
    recover = FlashJournal.recover

    def one_back(self: FlashJournal) -> Recovered:
        found = recover(self)
        queue = self.queue
        if queue.entries and queue.entries[-1].sequence_number == queue.next_sequence - 1:
            queue.entries.pop()
            queue.next_sequence -= 1
        return found

    patch.setattr(FlashJournal, "recover", one_back)


def send_before_it_is_durable(patch: pytest.MonkeyPatch) -> None:
    receive = Badge.receive

    def eager(self: Badge, what: Any, now_ms: int) -> list[Effect]:
        effects = receive(self, what, now_ms)
        return sorted(effects, key=lambda effect: type(effect) is not Upload)

    patch.setattr(Badge, "receive", eager)


def send_newest_first(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        "badge.machines.upload.islice",
        lambda entries, count: reversed([*islice(reversed(entries), count)]),
    )


def send_more_than_allowed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("badge.machines.upload.islice", lambda entries, count: [*entries][: count + 1])


def leave_a_shift_open(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Shift, "_end_by_reboot", lambda self, assign: None)
    from badge.machines.shift import SHIFT

    rows = {
        key: (state, Shift._end_by_reboot if "reboot" in action.__name__ else action)
        for key, (state, action) in SHIFT.rows.items()
    }
    patch.setattr(SHIFT, "rows", rows)


def apply_half_a_configuration(patch: pytest.MonkeyPatch) -> None:
    apply = Badge._apply_config

    def half(self: Badge, config: Any) -> None:
        apply(self, config.model_copy(update={"gps_interval_s": 17}))

    patch.setattr(Badge, "_apply_config", half)


def log_twice(patch: pytest.MonkeyPatch) -> None:
    receive = Badge.receive

    def stutter(self: Badge, what: Any, now_ms: int) -> list[Effect]:
        effects = receive(self, what, now_ms)
        return effects + [effect for effect in effects if type(effect) is Logged]

    patch.setattr(Badge, "receive", stutter)


def write_wrong_payloads(patch: pytest.MonkeyPatch) -> None:
    log = Core.log

    def wrong(self: Core, event_type: Any, payload: Any, **state: Any) -> None:
        extra = {"battery_pct": 101} if event_type == "low_battery" else {}
        log(self, event_type, {**payload, **extra}, **state)

    patch.setattr(Core, "log", wrong)


CANARIES = {
    accept_late_answers: {"stored", "patience"},
    release_on_server_errors: {"stored"},
    forget_heartbeats: {"heartbeat"},
    ignore_backoff: {"patience"},
    ignore_retry_after: {"patience"},
    count_no_overflow: {"stored", "overflow"},
    persist_no_floor: {"state"},
    persist_no_time: {"J3"},
    persist_no_state: {"state"},
    take_refused_for_accepted: {"stored"},
    issue_a_number_again: {"J1", "J3"},
    send_before_it_is_durable: {"batch"},
    send_newest_first: {"order", "batch"},
    send_more_than_allowed: {"batch"},
    leave_a_shift_open: {"contract"},
    apply_half_a_configuration: {"config"},
    log_twice: {"J1"},
    write_wrong_payloads: {"contract"},
}


def test_no_seeded_bug_is_left_out_of_the_table() -> None:
    seeded = {
        found
        for found in globals().values()
        if inspect.isfunction(found) and list(inspect.signature(found).parameters) == ["patch"]
    }
    assert seeded == set(CANARIES)


@pytest.mark.parametrize("seed_bug", CANARIES, ids=lambda bug: bug.__name__)
def test_a_seeded_bug_is_caught(
    seed_bug: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    seed_bug(monkeypatch)
    for seed in SEEDS:
        failure = PlanRun(draw_plan(seed)).go().failure
        if failure is not None:
            print(f"seed {seed}: {failure.text}")
            assert failure.promise in CANARIES[seed_bug], failure.text
            return
    pytest.fail(f"{len(SEEDS)} seeds passed with a bug in the badge")
