"""What a check is: a name, the clause that asks for it, how binding it is, and its story."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sim.conformance.kit.session import HttpSession

Level = Literal["must", "should"]
"""must: without it a badge loses events or sends them for ever.  should: it works, but misleads."""

Need = Literal["keys", "admin", "old_firmware", "rate_limit"]
"""What a check asks beside devices with keys; where it is not given the check is skipped."""

Story = Callable[[HttpSession], None]


@dataclass(frozen=True, slots=True)
class Check:
    """One promise of a backend, and the story that tries it.

    The story raises NotAsPromisedError at the first answer that is not as the clause says.
    """

    name: str
    clause: str
    level: Level
    needs: tuple[Need, ...]
    story: Story


CHECKS: dict[str, Check] = {}
"""All checks by name, in the order in which they are told."""


def check(
    name: str, clause: str, level: Level = "must", needs: tuple[Need, ...] = ()
) -> Callable[[Story], Story]:
    """Enter a story into the table of checks; names are unique."""

    def enter(story: Story) -> Story:
        assert name not in CHECKS, f"two checks are called {name}"
        CHECKS[name] = Check(name, clause, level, needs, story)
        return story

    return enter
