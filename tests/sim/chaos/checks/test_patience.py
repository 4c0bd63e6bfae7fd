"""Requests keep their distance, their size and their order: each wrong one is seen."""

from __future__ import annotations

from pydantic_core import to_json

from badge.effects import Upload
from badge.inputs import UploadAnswer
from sim.chaos.checks.patience import Patience
from tests.sim.chaos.checks.rig import CONFIG, Life, broken


def upload(life: Life, *numbers: int, request: int = 1) -> Upload:
    body = to_json([life.checks.events[n].event(CONFIG.device_id) for n in numbers])
    return Upload(request, body, len(numbers), numbers[0], numbers[-1])


def test_batches_are_the_oldest_without_a_gap(life: Life) -> None:
    for _ in range(3):
        life.log()
    patience = Patience(life.checks)
    with broken("order"):
        patience.upload(upload(life, 2, 3), 0, life.journal.queue, CONFIG)
    with broken("order"):
        patience.upload(upload(life, 1, 3), 0, life.journal.queue, CONFIG)
    patience.upload(upload(life, 1, 2), 0, life.journal.queue, CONFIG)


def test_one_batch_is_in_flight_until_it_is_answered_or_overdue(life: Life) -> None:
    patience, queue = Patience(life.checks), life.journal.queue
    patience.upload(upload(life, 1), 0, queue, CONFIG)
    with broken("batch"):
        patience.upload(upload(life, 1, request=2), 1000, queue, CONFIG)


def test_a_retry_waits_for_its_backoff_and_for_retry_after(life: Life) -> None:
    patience, queue = Patience(life.checks), life.journal.queue
    patience.upload(upload(life, 1), 0, queue, CONFIG)
    patience.answered(UploadAnswer(1, 429, retry_after_s=600), 1000, CONFIG)
    patience.shift_ends(400_000)
    with broken("patience"):
        patience.upload(upload(life, 1, request=2), 400_000, queue, CONFIG)
    patience.upload(upload(life, 1, request=2), 601_000, queue, CONFIG)


def test_the_end_of_a_shift_excuses_an_early_attempt(life: Life) -> None:
    patience, queue = Patience(life.checks), life.journal.queue
    patience.upload(upload(life, 1), 0, queue, CONFIG)
    patience.answered(UploadAnswer(1, 503), 1000, CONFIG)
    patience.shift_ends(1001)
    patience.upload(upload(life, 1, request=2), 1001, queue, CONFIG)


def test_what_is_settled_is_never_sent_again(life: Life) -> None:
    batch = upload(life, 1)
    life.stored.add(1)
    life.settle(1)
    with broken("J4"):
        Patience(life.checks).upload(batch, 0, life.journal.queue, CONFIG)
