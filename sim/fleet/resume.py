"""What a run was asked to do, kept in its folder until it is whole: `--resume` reads it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from badge.errors import InputError
from sim.fleet.output.folder import PLAN, STATE
from sim.scenario.language.read import ScenarioFile, read_scenario
from sim.scenario.plan.parameters import Parameters


@dataclass(frozen=True, slots=True)
class ResumePlan:
    """The words of the command line that make a run what it is; no key is among them."""

    scenario: str
    digest: str
    badges: int
    hours: float
    seed: int
    start: str
    speed: float | None
    url: str | None
    out: str
    split: bool
    batches: bool
    record: str | None
    reached_ms: int = 0

    @property
    def parameters(self) -> Parameters:
        """Give what was asked of the scenario."""
        return Parameters(self.badges, self.hours, self.seed, self.start)

    def text(self) -> str:
        """Write it down, for `read_plan`."""
        return json.dumps(asdict(self), indent=2) + "\n"

    def source(self) -> ScenarioFile:
        """Read the scenario again; InputError if it is not the same any more."""
        source = read_scenario(self.scenario)
        if source.digest != self.digest:
            raise InputError(
                f"{self.scenario} has changed since the run began; "
                "restore it, or run it anew with another --out"
            )
        return source


def read_plan(folder: Path) -> ResumePlan:
    """Read the plan of a run that was cut short; InputError if the folder holds none."""
    try:
        document: dict[str, Any] = json.loads((folder / STATE / PLAN).read_bytes())
        return ResumePlan(**document)
    except (OSError, ValueError, TypeError):
        raise InputError(
            f"--resume {folder}: no run that was cut short; name a folder that ends in .interrupted"
        ) from None
