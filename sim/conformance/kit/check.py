"""What a check is: a name, the clause that asks for it, how binding it is, and its story."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sim.conformance.kit.session import HttpSession
from sim.conformance.kit.webhook import WebhookSession

Level = Literal["must", "should"]
"""must: without it a badge loses events or sends them for ever.  should: it works, but misleads."""

Need = Literal["keys", "admin", "old_firmware", "rate_limit", "client_timeout"]
"""What a check asks beside devices with keys; where it is not given the check is skipped."""

HookNeed = Literal["secret", "second secret", "client_timeout"]
"""The same for a receiver of webhooks."""

Story = Callable[[HttpSession], None]
HookStory = Callable[[WebhookSession], None]


@dataclass(frozen=True, slots=True)
class Check:
    """One promise of a server, and the story that tries it.

    The story takes a session of the right kind, and raises NotAsPromisedError at the first answer
    that is not as the clause says.
    """

    name: str
    clause: str
    level: Level
    needs: tuple[str, ...]
    story: Callable[[Any], None]


CHECKS: dict[str, Check] = {}
"""All checks of an ingest by name, in the order in which they are told."""

HOOK_CHECKS: dict[str, dict[str, Check]] = {"blecon": {}, "grouplink": {}, "peridio": {}}
"""All checks of a receiver of each platform's webhook."""


def check(
    name: str, clause: str, level: Level = "must", needs: tuple[Need, ...] = ()
) -> Callable[[Story], Story]:
    """Enter a story into the table of checks; names are unique."""

    def enter(story: Story) -> Story:
        assert name not in CHECKS, f"two checks are called {name}"
        CHECKS[name] = Check(name, clause, level, needs, story)
        return story

    return enter


def hook_check(
    name: str,
    clauses: Mapping[str, str],
    level: Level = "must",
    needs: tuple[HookNeed, ...] = (),
) -> Callable[[HookStory], HookStory]:
    """Enter a story into the tables of the platforms that `clauses` names, each with its clause."""

    def enter(story: HookStory) -> HookStory:
        for platform, clause in clauses.items():
            assert name not in HOOK_CHECKS[platform], f"two checks are called {name}"
            HOOK_CHECKS[platform][name] = Check(name, clause, level, needs, story)
        return story

    return enter
