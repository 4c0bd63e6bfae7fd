"""GroupLink on a simulated site: which entries are announced, and what is said of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sim.platforms.grouplink.emitter import Emitter
from sim.platforms.grouplink.models import phone_of
from sim.platforms.kit.cause import Cause
from sim.platforms.kit.plain import Said
from sim.platforms.kit.simulation import Setting

HOLD_MS = 24 * 3600 * 1000


@dataclass(slots=True)
class _Stay:
    announced_ms: int
    left_ms: int | None = None


class EntryRule:
    """Which entries are announced: one a stay within 24 hours, and again after a confirmed exit.

    `exit_confirm_ms` (how long a phone must be away) and `announce_long_stays` (another event for
    a stay of more than 24 hours) are open in the documents; the defaults are ours.
    """

    def __init__(self, *, exit_confirm_ms: int = 60_000, announce_long_stays: bool = False) -> None:
        self._exit_confirm_ms = exit_confirm_ms
        self._announce_long_stays = announce_long_stays
        self._stays: dict[tuple[int, str], _Stay] = {}

    def inside(self, mm: int, cell_id: str, utc_ms: int) -> bool:
        """`mm` is seen in the cell; true if that is to be announced."""
        stay = self._stays.get((mm, cell_id))
        if stay is None or self._exit_confirmed(stay, utc_ms) or self._expired(stay, utc_ms):
            self._stays[mm, cell_id] = _Stay(utc_ms)
            return True
        stay.left_ms = None
        return False

    def outside(self, mm: int, cell_id: str, utc_ms: int) -> None:
        """`mm` is not in the cell; the exit counts once this has lasted long enough."""
        stay = self._stays.get((mm, cell_id))
        if stay is not None and stay.left_ms is None:
            stay.left_ms = utc_ms
        elif stay is not None and self._exit_confirmed(stay, utc_ms):
            del self._stays[mm, cell_id]

    def _exit_confirmed(self, stay: _Stay, utc_ms: int) -> bool:
        return stay.left_ms is not None and utc_ms - stay.left_ms >= self._exit_confirm_ms

    def _expired(self, stay: _Stay, utc_ms: int) -> bool:
        return self._announce_long_stays and utc_ms - stay.announced_ms >= HOLD_MS


def announcements(setting: Setting) -> Callable[[Cause], Said | None]:
    """What is said of a cause: of each entry that the rule has let through, its event."""
    emit = Emitter(setting.stream("grouplink", "ids"), setting.words.package_name)

    def say(cause: Cause) -> Said | None:
        if cause.kind != "entered":
            return None
        phone = phone_of(str(cause.worker_id), setting.salt)
        cell, origin = cause.facts["cell"], cause.facts["origin"]
        event = emit.event_in(phone, cell, origin, utc_ms=cause.utc_ms)
        return event, {"mm": phone.mm, "cell_id": cell}

    return say
