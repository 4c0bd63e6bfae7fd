"""What a request gives back: an answer, or the promise of one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sim.notecard.codec.arguments import Members


@dataclass(frozen=True, slots=True)
class CardReply:
    """An answer: its members, the binary payload after it, or `silent` for none at all."""

    members: Members = field(default_factory=dict)
    raw: bytes | None = None
    silent: bool = False


@dataclass(slots=True)
class Later:
    """An answer that is still being made; `reply` is set when it is there."""

    deadline_ms: int
    on_deadline: Callable[[], Members]
    poll: Callable[[], Members | None] = lambda: None
    reply: CardReply | None = None


Answered = Members | CardReply | Later
