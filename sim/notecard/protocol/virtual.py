"""A card and the Notehub behind it, wired together; still without any I/O."""

from __future__ import annotations

from sim.notecard.card.card import Card
from sim.notecard.model.clock import CardClock
from sim.notecard.model.exchange import Notehub
from sim.notecard.model.faults import Faults
from sim.notecard.model.identity import Identity
from sim.notecard.model.link import Timing
from sim.notecard.model.outputs import Fetched, Output
from sim.notecard.notehub.hub import Hub
from sim.notecard.protocol.transactions import Transactions
from sim.notecard.storage.state import CardState
from sim.notecard.world.attached import Attachments
from sim.notecard.world.world import SetWorld, World

EPOCH_MS = 1_767_225_600_000  # 2026-01-01, when nobody says what time it is


class VirtualNotecard:
    """What a pump drives: bytes and time in, `Output`s out; a `Fetch` is answered by `answered`."""

    def __init__(
        self,
        *,
        world: World | None = None,
        hub: Hub | None = None,
        link: Notehub | None = None,
        state: CardState | None = None,
        faults: Faults | None = None,
        timing: Timing | None = None,
        identity: Identity | None = None,
        attached: Attachments | None = None,
        epoch_ms: int = EPOCH_MS,
        seed: int = 0,
    ) -> None:
        """`link` is how the card reaches a Notehub that is elsewhere, instead of its own."""
        identity = identity or Identity()
        self.hub = hub or Hub()
        self.hub.epoch_ms = epoch_ms
        self.hub.default = self.hub.default or identity.device
        self.world = world or SetWorld()
        self.card = Card(
            state or CardState(),
            self.world,
            link or self.hub,
            CardClock(epoch_ms),
            attached=attached,
            identity=identity,
            timing=timing,
            faults=faults,
            seed=seed,
        )
        self.attached = self.card.attached
        self.transactions = Transactions(self.card)
        self.faults = self.card.faults

    def receive(self, data: bytes, now_ms: int) -> list[Output]:
        """Bytes from the host."""
        self.hub.now_ms = now_ms
        return [*self.transactions.receive(data, now_ms), *self.hub.take()]

    def advance(self, now_ms: int) -> list[Output]:
        """Time passes."""
        self.hub.now_ms = now_ms
        return [*self.transactions.advance(now_ms), *self.hub.take()]

    def answered(self, answer: Fetched, now_ms: int) -> list[Output]:
        """The answer to a `Fetch` is here."""
        before = self.advance(now_ms)
        self.hub.answered(answer)
        return [*before, *self.advance(now_ms)]

    @property
    def next_deadline_ms(self) -> int | None:
        """When `advance` is due."""
        due = (self.transactions.next_deadline_ms, self.hub.next_deadline_ms)
        return min((ms for ms in due if ms is not None), default=None)
