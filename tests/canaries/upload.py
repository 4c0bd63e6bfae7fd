"""Seeded bugs in the upload, each as small as the slip of a tired afternoon."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from badge.inputs import UploadAnswer
from badge.machines.core import Due
from badge.machines.upload import UPLOAD, Uploads
from tests.canaries.hunt import Canary, patched

_send, _settle, _apply = Uploads._send, Uploads._settle, Uploads._apply
_answer, _back_off = Uploads.answer, Uploads._back_off


def _released_when_sent(self: Uploads) -> None:
    _send(self)
    self._core.effects += self._core.store.settle(self._batch[-1], {})


def _failure_is_success(self: Uploads, answer: UploadAnswer) -> None:
    failed = answer.status is not None and answer.status >= 500
    _apply(self, replace(answer, status=202) if failed else answer)


def _silence_is_success(self: Uploads, answer: UploadAnswer) -> None:
    _apply(self, replace(answer, status=202) if answer.status is None else answer)


def _any_answer_counts(self: Uploads, answer: UploadAnswer) -> None:
    _answer(self, replace(answer, request=self.request))


def _refusals_forgotten(self: Uploads, answer: UploadAnswer) -> None:
    _apply(self, replace(answer, status=202) if answer.status == 207 else answer)


def _refused_are_sent_again(self: Uploads, rejected: dict[int, str]) -> None:
    first = min(rejected, default=0)
    if first:
        self._batch = [n for n in self._batch if n < first] or self._batch[:1]
        rejected = {}
    _settle(self, rejected)


def _whole_batch_refused(self: Uploads, answer: UploadAnswer) -> None:
    if answer.status == 400:
        _settle(self, dict.fromkeys(self._batch, "400"))
    else:
        _apply(self, answer)


def _too_large_is_dropped(self: Uploads, answer: UploadAnswer) -> None:
    _apply(self, replace(answer, status=202) if answer.status == 413 else answer)


def _deprecated_is_dropped(self: Uploads, answer: UploadAnswer) -> None:
    _apply(self, replace(answer, status=202) if answer.status == 422 else answer)


def _whole_queue_settled(self: Uploads, rejected: dict[int, str]) -> None:
    self._batch[-1] = self._core.store.queue.entries[-1].sequence_number
    _settle(self, rejected)


def _one_too_few_settled(self: Uploads, rejected: dict[int, str]) -> None:
    if len(self._batch) > 1:
        self._batch.pop()
    _settle(self, rejected)


def _retry_after_ignored(self: Uploads) -> None:
    self._retry_after_s = 0
    _back_off(self)


def _never_tries_again(self: Uploads) -> None:
    _back_off(self)
    self._core.due[Due.RETRY] = 2**61


def _newest_first(self: Uploads) -> None:
    self._core.store.queue.entries.reverse()
    try:
        _send(self)
    finally:
        self._core.store.queue.entries.reverse()


def _method(name: str, bug: Callable[..., None]) -> Callable[[], AbstractContextManager[Any]]:
    """Plant a method, in the class and wherever the table of the machine holds it."""
    right = getattr(Uploads, name)
    rows = {key: (row[0], bug if row[1] is right else row[1]) for key, row in UPLOAD.rows.items()}
    return lambda: patched(None, (Uploads, name, bug), (UPLOAD, "rows", rows))


UPLOAD_CANARIES = (
    Canary("released when sent", "J3", "upload", _method("_send", _released_when_sent)),
    Canary("released on 5xx", "J3", "upload", _method("_apply", _failure_is_success)),
    Canary("released on silence", "J3", "upload", _method("_apply", _silence_is_success)),
    Canary("late answer counts", "J3 quarantine", "upload", _method("answer", _any_answer_counts)),
    Canary("refusals forgotten", "quarantine", "upload", _method("_apply", _refusals_forgotten)),
    Canary(
        "refused sent again",
        "J3 J4 quarantine",
        "upload",
        _method("_settle", _refused_are_sent_again),
    ),
    Canary("400 refuses all", "quarantine J3", "upload", _method("_apply", _whole_batch_refused)),
    Canary("413 drops the batch", "J3", "upload", _method("_apply", _too_large_is_dropped)),
    Canary("422 drops the batch", "J3", "upload", _method("_apply", _deprecated_is_dropped)),
    Canary("settles the queue", "J3", "upload", _method("_settle", _whole_queue_settled)),
    Canary("settles one too few", "J4", "upload", _method("_settle", _one_too_few_settled)),
    Canary("Retry-After ignored", "patience", "upload", _method("_back_off", _retry_after_ignored)),
    Canary("never tries again", "J3", "upload", _method("_back_off", _never_tries_again)),
    Canary("newest first", "order", "upload", _method("_send", _newest_first)),
)
