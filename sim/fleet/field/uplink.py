"""A badge's way to the cloud: registration, loss, latency, and an answer in simulated time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from badge.effects import Upload
from badge.inputs import UploadAnswer
from sim.fleet.field.faults import LATE_MS, FaultsOnTheWay, WayFault, corrupted, reordered
from sim.fleet.field.ports import FieldClock, FieldStore
from sim.fleet.upload.backend import Backend, Reply
from sim.world.coverage import Link, exchange

KEPT_MS = 30_000  # the modem stays connected this long after an exchange


class FieldUplink:
    """Sends when there is a network; what dies on the way is decided before it is sent.

    `draw` opens the badge's next random stream, one for each exchange.  `sent` is told of every
    batch that has reached the cloud; `faulted` has when which upload met which fault on the way.

    An answer that is due but not there stops the badge (`waiting`) until it is; with `late` set
    the badge goes on, and `late` is told how to give the answer when it comes, and says when it
    does.  A badge that needs nobody to give it an answer that is there already has `give_after`,
    in ms.
    """

    __slots__ = (
        "_backend",
        "_clock",
        "_connected_until_ms",
        "_device_id",
        "_draw",
        "_highest_sent",
        "_link_now",
        "_modem_on",
        "_store",
        "counts",
        "faulted",
        "faults",
        "give_after",
        "jammed",
        "late",
        "sent",
        "under_way",
        "waiting",
    )

    def __init__(
        self,
        clock: FieldClock,
        store: FieldStore,
        backend: Backend,
        device_id: str,
        draw: Callable[[], np.random.Generator],
        link_now: Callable[[], Link],
        modem_on: Callable[[int], object],
    ) -> None:
        self._clock, self._store, self._backend = clock, store, backend
        self._device_id, self._draw = device_id, draw
        self._link_now, self._modem_on = link_now, modem_on
        self._connected_until_ms = -1
        self._highest_sent = 0
        self.jammed: Callable[[], bool] = lambda: False
        self.faults: FaultsOnTheWay | None = None
        self.sent: Callable[[Upload], None] | None = None
        self.late: Callable[[Callable[[], None]], int] | None = None
        self.give_after: Callable[[int, UploadAnswer], None] | None = None
        self.waiting: Reply | None = None
        self.under_way = 0
        self.counts: Counter[str] = Counter()
        self.faulted: list[tuple[int, Upload, WayFault]] = []

    def send(self, upload: Upload, answer: Callable[[UploadAnswer], None]) -> None:
        """Send a batch; without network, or when it is lost, nothing ever comes back."""
        self.counts["uploads"] += 1
        if upload.first_sequence <= self._highest_sent:
            self.counts["retries"] += 1
        self._highest_sent = max(self._highest_sent, upload.last_sequence)
        link = self._link_now()
        if not link.up or self.jammed():
            self.counts["no_network"] += 1
            return
        self._exchange(upload, link, answer)

    def _exchange(self, upload: Upload, link: Link, answer: Callable[[UploadAnswer], None]) -> None:
        now_ms = self._clock.now_ms
        connected = now_ms <= self._connected_until_ms
        before_ms, takes_ms, arrives = exchange(len(upload.body), link, self._draw(), connected)
        self._modem_on(before_ms + (takes_ms or 0))
        self._connected_until_ms = now_ms + before_ms + (takes_ms or 0) + KEPT_MS
        if not arrives:
            self.counts["lost_requests"] += 1
            return
        fault = self.faults.next(self._device_id) if self.faults is not None else None
        if fault is not None:
            self.counts[f"fault_{fault}"] += 1
            self.faulted.append((now_ms, replace(upload, body=b""), fault))
        if fault == "corrupt":  # whatever is said of it is said of nothing that was sent
            self._backend.post(self._device_id, replace(upload, body=corrupted(upload.body)))
            return
        if fault == "late":
            self._clock.after(LATE_MS, partial(self._arrive_late, upload))
            return
        if fault == "reorder":
            upload = replace(upload, body=reordered(upload.body))
        reply = self._post(upload)
        if fault == "duplicate":
            self._backend.post(self._device_id, upload)
        if takes_ms is None or fault == "lose-answer":
            self.counts["lost_answers"] += 1
            return
        came, due_ms = reply.answer, before_ms + takes_ms
        if came is not None and reply.late_ms is None and self.give_after is not None:
            self.give_after(due_ms, came)
        else:
            self._clock.after(due_ms, partial(self._deliver, reply, answer))

    def _arrive_late(self, upload: Upload) -> None:
        self._post(upload)

    def _post(self, upload: Upload) -> Reply:
        """Post what arrives whole, and note what is answered."""
        reply = self._backend.post(self._device_id, upload)
        self.under_way += 1
        if reply.answer is not None:
            self._note(upload, reply.answer)
        else:
            reply.then(partial(self._note, upload))
        return reply

    def _note(self, upload: Upload, answer: UploadAnswer) -> None:
        """The cloud has answered, whether or not the badge will hear it."""
        self.under_way -= 1
        status = answer.status
        self.counts[f"answered_{status or 'none'}"] += 1
        if status is not None and self.sent is not None:
            self.sent(upload)
        if status in (202, 207):
            rejected = dict(answer.rejected) if status == 207 else {}
            self.counts["accepted"] += upload.count - len(rejected)
            self.counts["rejected"] += len(rejected)
            self._store.arrive(upload.first_sequence, upload.last_sequence, rejected)

    def _deliver(self, reply: Reply, answer: Callable[[UploadAnswer], None]) -> None:
        if reply.answer is not None and reply.late_ms is not None:  # as before the run was cut
            self.counts["late_answers"] += 1
            self._clock.at(max(reply.late_ms, self._clock.now_ms), partial(answer, reply.answer))
        elif reply.answer is not None:
            answer(reply.answer)
        elif self.late is None:
            self.waiting = reply
            reply.then(partial(self._go_on, answer))
        else:
            self.counts["late_answers"] += 1
            reply.then(partial(self._give_late, reply, self.late, answer))

    def _give_late(
        self,
        reply: Reply,
        late: Callable[[Callable[[], None]], int],
        answer: Callable[[UploadAnswer], None],
        came: UploadAnswer,
    ) -> None:
        given_ms = late(partial(answer, came))
        if reply.given_late is not None:
            reply.given_late(given_ms)

    def _go_on(self, answer: Callable[[UploadAnswer], None], came: UploadAnswer) -> None:
        self.waiting = None
        answer(came)
