"""Who owns which well-known name, and who waits for it (D-Bus specification, Bus Names)."""

from __future__ import annotations

from dataclasses import dataclass, field

ALLOW_REPLACEMENT, REPLACE_EXISTING, DO_NOT_QUEUE = 1, 2, 4
NAMES_MAX = 256  # of one program, owned or waited for
OWNER, IN_QUEUE, EXISTS, ALREADY_OWNER = 1, 2, 3, 4
RELEASED, NON_EXISTENT, NOT_OWNER = 1, 2, 3
Change = tuple[str, str, str]  # name, old owner, new owner; an empty owner is none


@dataclass(slots=True)
class _Name:
    queue: list[str] = field(default_factory=list)
    replaceable: bool = False


class NameRegistry:
    """Well-known names; `owners` maps each to the unique name that has it now."""

    def __init__(self) -> None:
        self._names: dict[str, _Name] = {}

    @property
    def owners(self) -> dict[str, str]:
        """Return every owned name and its owner."""
        return {name: one.queue[0] for name, one in self._names.items()}

    def queue(self, name: str) -> list[str]:
        """Return the owner and those who wait; KeyError if nobody has the name."""
        return list(self._names[name].queue)

    def held_by(self, who: str) -> int:
        """Return how many names somebody owns or waits for."""
        return sum(who in one.queue for one in self._names.values())

    def request(self, name: str, who: str, flags: int = 0) -> tuple[int, list[Change]]:
        """Ask for a name; return the answer's code and what changed."""
        one = self._names.setdefault(name, _Name())
        if not one.queue:
            one.queue, one.replaceable = [who], bool(flags & ALLOW_REPLACEMENT)
            return OWNER, [(name, "", who)]
        owner = one.queue[0]
        if owner == who:
            one.replaceable = bool(flags & ALLOW_REPLACEMENT)
            return ALREADY_OWNER, []
        if one.replaceable and flags & REPLACE_EXISTING:
            one.queue = [who, *(other for other in one.queue if other != who)]
            one.replaceable = bool(flags & ALLOW_REPLACEMENT)
            return OWNER, [(name, owner, who)]
        if flags & DO_NOT_QUEUE:
            return EXISTS, []
        if who not in one.queue:
            one.queue.append(who)
        return IN_QUEUE, []

    def release(self, name: str, who: str) -> tuple[int, list[Change]]:
        """Give a name back, or stop waiting for it; return the answer's code and what changed."""
        one = self._names.get(name)
        if one is None:
            return NON_EXISTENT, []
        if who not in one.queue:
            return NOT_OWNER, []
        owned = one.queue[0] == who
        one.queue.remove(who)
        if not one.queue:
            del self._names[name]
        if not owned:
            return RELEASED, []
        return RELEASED, [(name, who, one.queue[0] if one.queue else "")]

    def drop(self, who: str) -> list[Change]:
        """Take all names from someone who has gone."""
        held = [name for name, one in self._names.items() if who in one.queue]
        return [change for name in held for change in self.release(name, who)[1]]
