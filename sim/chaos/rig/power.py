"""The supply of one badge: boots, cuts between and inside of steps, brown-outs, restarts."""

from __future__ import annotations

from functools import partial
from typing import Protocol

from badge.contract.events import RebootReason
from badge.effects import Effect
from sim.chaos.plan.faults import MINUTE_MS
from sim.chaos.plan.plan import Plan
from sim.chaos.rig.flash import BrownOutChip
from sim.engine.clock import Clock
from sim.engine.ports import PowerLostError
from sim.engine.pump import REBOOT_MS, Pump
from sim.engine.streams import plain_stream


class Supplied(Protocol):
    """The badge as its supply sees it."""

    pump: Pump | None
    chip: BrownOutChip

    def boot(self, reason: RebootReason) -> None:
        """Make a new pump and boot it."""

    def performs(self, effect: Effect) -> None:
        """An effect is about to be performed, and has its power."""

    def stopped(self) -> None:
        """Power ended between two steps."""

    def fell(self) -> None:
        """Power ended in the middle of effects."""

    def strike(self, kind: str) -> None:
        """Count a fault that has struck."""


class RigSupply:
    """A `sim.engine.ports.Supply` under faults; `boots` and `cuts` count."""

    def __init__(self, plan: Plan, index: int, clock: Clock, badge: Supplied) -> None:
        self._clock, self._badge = clock, badge
        self._rng = plain_stream(plan.seed, "power", index)
        self._fuse: tuple[str, int] | None = None
        self._fell_to = ""
        self._boot_ms: int | None = None
        self.asleep = False
        self.boots = self.cuts = 0

    @property
    def awake(self) -> bool:
        """True while a badge runs and is not switched off by an empty battery."""
        pump = self._badge.pump
        return pump is not None and not pump.off and not self.asleep

    def boot_at(self, ms: int, reason: RebootReason) -> None:
        """Boot at that time; a later call replaces an earlier one."""
        self._boot_ms = ms
        self._clock.at(ms, partial(self._boot_if_due, ms, reason))

    def _boot_if_due(self, ms: int, reason: RebootReason) -> None:
        if self._boot_ms != ms:
            return
        self._boot_ms = None
        if self._badge.pump is not None:
            self._badge.pump.off = True  # it may only have been asleep
        self.asleep = False
        self.boots += 1
        self._badge.boot(reason)

    def boot_soon(self) -> None:
        """Let power return in a minute."""
        self.boot_at(self._clock.now_ms + MINUTE_MS, "power_on")

    def heal(self) -> None:
        """Power is good from now on."""
        self._fuse = None
        self._badge.chip.calm()

    def arm(self, kind: str, count: int) -> None:
        """Let power fail at the effect after the next `count`, or, browning out, within one."""
        if kind == "brown_out":
            self._badge.chip.brown_out(count, self._rng)
        else:
            self._fuse = (kind, count)

    def cut(self, kind: str) -> None:
        """Cut power now, between two steps."""
        if not self.awake or self._badge.pump is None:
            return
        self._badge.pump.off = True
        self._badge.stopped()
        self._down(kind)

    def fell(self) -> None:
        """Power fell in the middle of effects."""
        self._badge.fell()
        self._down(self._fell_to or "brown_out")

    def _down(self, kind: str) -> None:
        rng, self._fell_to = self._rng, ""
        self.cuts += 1
        self._badge.strike(kind)
        off_ms = {
            "power_cut": rng.randrange(1_000, 40 * MINUTE_MS),
            "brown_out": rng.randrange(50, 5_000),
            "watchdog": rng.randrange(100, 3_000),
        }[kind]
        reason: RebootReason = "power_on"
        if kind == "watchdog":
            reason = rng.choice(("watchdog", "user_reset"))
        if kind == "brown_out" and rng.random() < 0.3:
            self.arm(kind, rng.randrange(4))  # again, while it recovers
        self.boot_at(self._clock.now_ms + off_ms, reason)

    def restart(self) -> None:
        """The badge restarts itself; for a moment it still runs."""
        assert self._badge.pump is not None
        delay_ms = self._rng.randrange(REBOOT_MS)
        self._clock.after(delay_ms, partial(self._leave, self._badge.pump))

    def _leave(self, pump: Pump) -> None:
        if not pump.off:
            pump.off = True
            self._badge.stopped()
            self.boot_at(self._clock.now_ms + REBOOT_MS, "firmware_update")

    def spend(self, effect: Effect) -> None:
        """Let power fail before an effect, or let the badge look at what it does."""
        if self._fuse is not None:
            kind, count = self._fuse
            self._fuse = (kind, count - 1) if count else None
            if not count:
                self._fell_to = kind
                raise PowerLostError
        self._badge.performs(effect)
