"""What a load has come to so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from badge.contract.documents import parse
from badge.errors import InputError
from sim.load.arrivals import Arrivals
from sim.load.latencies import Latencies
from sim.net.answer_reader import AnswerReader

LABELS_MAX = 50
OTHERS = "others"
UNSENT_STEPS = 10_000  # those that were never sent may be millions
BUSY_SHARE = 0.9  # of a core
TAKEN = ("200", "201", "202")
_WORD_CHARS_MAX = 60


@dataclass(slots=True)
class LoadCounts:
    """Requests by what became of them; latencies count from the moment each was due.

    `unsent` were due and never sent, since no connection was free: their latency is at least the
    time until the end, and counts as that.
    """

    due: int = 0
    sent: int = 0
    answered: int = 0
    events: int = 0
    unsent: int = 0
    connects: int = 0
    seconds: float = 0.0
    cpu_s: float = 0.0
    interrupted: bool = False
    labels: dict[str, int] = field(default_factory=dict)
    latencies: Latencies = field(default_factory=Latencies)

    def note(self, label: str) -> None:
        """Count an outcome; of more labels than can be told apart the rest is one."""
        if label not in self.labels and len(self.labels) >= LABELS_MAX:
            label = OTHERS
        self.labels[label] = self.labels.get(label, 0) + 1

    def count_unsent(self, arrivals: Arrivals, waiting: int) -> None:
        """Note those that were due and found no connection; `waiting` were to be sent again."""
        total = arrivals.total
        now_ns = int(min(self.seconds, arrivals.seconds) * 1e9)
        last, step = self.due, 1
        while last < total and arrivals.at_ns(last) <= now_ns:
            last, step = last + step, step * 2
        last = min(last, total)
        first = self.due
        low = first
        while low < last:  # the first that was not due yet
            middle = (low + last) // 2
            if arrivals.at_ns(middle) <= now_ns:
                low = middle + 1
            else:
                last = middle
        step = max((last - first) // UNSENT_STEPS, 1)
        for number in range(first, last, step):
            times = min(step, last - number)
            middle_ns = arrivals.at_ns(number + times // 2)
            self.latencies.note((now_ns - middle_ns) // 1000, times)
        self.unsent = last - first + waiting
        self.due = last

    @property
    def taken(self) -> int:
        """How many were accepted whole."""
        return sum(self.labels.get(label, 0) for label in TAKEN)

    @property
    def failed(self) -> int:
        """How many were not."""
        return sum(self.labels.values()) - self.taken + self.unsent

    def as_answers(self) -> dict[str, Any]:
        """Give the answers by status as a run that uploads has them, with what was taken."""
        answers: dict[str, int] = {}
        for label, times in self.labels.items():
            status = label[:3] if label[:3].isdecimal() else "none"
            answers[status] = answers.get(status, 0) + times
        return {"answers": answers, "delivered": self.taken, "events": self.sent}

    def document(self) -> dict[str, Any]:
        """Give the figures for machines; times in ms."""
        seconds = max(self.seconds, 1e-9)
        return {
            "seconds": round(self.seconds, 3),
            "due": self.due,
            "sent": self.sent,
            "answered": self.answered,
            "unsent": self.unsent,
            "requests_per_s": round(self.answered / seconds, 1),
            "events_per_s": round(self.events / seconds, 1),
            "failed": self.failed,
            "outcomes": dict(sorted(self.labels.items())),
            "latency_ms": {**self.latencies.percentiles(), "mean": round(self.mean_ms, 3)},
            "connects": self.connects,
            "generator_limits": self.limited,
            "interrupted": self.interrupted,
        }

    @property
    def limited(self) -> bool:
        """Whether this side had no time left, and the figures are its own."""
        return self.cpu_s > BUSY_SHARE * self.seconds > 0

    @property
    def mean_ms(self) -> float:
        """The mean latency."""
        return self.latencies.mean_ms()


def label(read: AnswerReader) -> str:
    """Name an answer: its status, and behind what is no 2xx why."""
    if str(read.status) in TAKEN:
        return str(read.status)
    return f"{read.status} {_reason(read.body)}".strip()


def _reason(body: bytes) -> str:
    """Find the server's own word for why: a code, an error, or the first refusal's reason."""
    try:
        document = parse(body)
    except InputError:
        return ""
    if not isinstance(document, dict):
        return ""
    refused = document.get("rejected_events")
    first = refused[0] if isinstance(refused, list) and refused else {}
    word = document.get("code") or document.get("error")
    word = word or (first.get("reason") if isinstance(first, dict) else "") or ""
    # Numbers differ from answer to answer, and are no reason of their own.
    text = "".join("#" if char.isdigit() else char for char in str(word))
    return text[:_WORD_CHARS_MAX]
