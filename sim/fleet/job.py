"""What a run is asked to do, as one value that every worker process gets."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Literal, TypeAlias

from sim.fleet.upload.backend import Target
from sim.scenario.language.read import ScenarioFile
from sim.scenario.plan.parameters import Parameters

Engine: TypeAlias = Literal["python", "columnar"]


@dataclass(frozen=True, slots=True)
class Job:
    """A scenario, what was asked of it, where to, and how fast (None: as fast as it goes)."""

    source: ScenarioFile
    parameters: Parameters
    folder: Path
    speed: float | None = None
    target: Target | None = None
    record: Path | None = None
    batches: bool = False  # whether the uploads are kept as they were sent
    answers: Path | None = None  # where a server's answers are kept, so that it can go on
    reached_ms: int = 0  # how far it was when it was cut short
    engine: Engine = "python"
    engine_why: str | None = None  # why it is the one in Python, if nobody asked for it
    faults: tuple[tuple[str, float], ...] = ()  # on the way, each with its share of uploads
    held: bool = False  # rows stay in memory, with their badge's result; nothing is saved
    core: Path | None = None  # a library whose core lives beside every badge, step by step

    @property
    def run_id(self) -> str:
        """Name the run: the same scenario, seed, badges, hours and start give the same name."""
        asked = self.parameters
        words = f"{self.source.digest}:{asked.badges}:{asked.hours}:{asked.seed}:{asked.start}"
        digest = blake2b(words.encode(), digest_size=4).hexdigest()
        slug = "-".join(self.source.scenario.scenario.lower().split())
        safe = "".join(c for c in slug if c.isascii() and (c.isalnum() or c == "-"))
        return f"{safe or 'run'}-{asked.seed}-{digest}"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far some badges are: simulated badge-ms, and what was counted up to now."""

    badge_ms: int = 0
    sim_ms: int = 0
    events: int = 0
    accepted: int = 0
    rejected: int = 0
    retries: int = 0
