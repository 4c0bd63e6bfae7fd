"""When the server dies: drawn from a seed before anything runs."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Literal

LOAD_MS_MAX = 250
START_MS_MAX = 600
START_SHARE = 10
BATCH_EVENTS_MAX = 25


@dataclass(frozen=True, slots=True)
class Kill:
    """One SIGKILL: so many ms after a life's first acknowledgement, or after the process starts."""

    at: Literal["load", "start"]
    delay_ms: int


@dataclass(frozen=True, slots=True)
class KillPlan:
    """A whole run; `batch_events` is the largest batch of each badge."""

    seed: int
    kills: tuple[Kill, ...]
    batch_events: tuple[int, ...]


def draw_plan(seed: int, kills: int, badges: int) -> KillPlan:
    """Draw `kills` moments under load and, beside them, a tenth as many while it starts.

    Same arguments, same plan.
    """
    random = Random(seed)  # noqa: S311 - a plan to be repeated, not a secret
    drawn = [Kill("load", random.randint(0, LOAD_MS_MAX)) for _ in range(kills)]
    drawn += [Kill("start", random.randint(0, START_MS_MAX)) for _ in range(kills // START_SHARE)]
    random.shuffle(drawn)
    sizes = tuple(random.randint(1, BATCH_EVENTS_MAX) for _ in range(badges))
    return KillPlan(seed, tuple(drawn), sizes)
