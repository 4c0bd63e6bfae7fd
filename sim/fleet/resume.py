"""What a run was asked to do, kept in its folder until it is whole: `--resume` reads it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from hashlib import file_digest
from importlib.metadata import version
from pathlib import Path

from badge.contract.documents import fit
from badge.errors import InputError
from badge.host.documents import read_json, read_model
from sim.fleet.output.folder import PLAN, STATE
from sim.scenario.language.read import ScenarioFile, read_scenario
from sim.scenario.plan.parameters import Parameters


def _version() -> str:
    return version("badge-simulator")


@dataclass(frozen=True, slots=True)
class _Begun:
    version: str = ""


@dataclass(frozen=True, slots=True)
class ResumePlan:
    """The words of the command line that make a run what it is; no key is among them.

    `digest` and `files` are what was read: a run goes on from the same bytes, by the same version.
    """

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
    files: dict[str, str]
    faults: dict[str, float] = field(default_factory=dict)
    reached_ms: int = 0
    version: str = field(default_factory=_version)

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
        changed = [self.scenario] if source.digest != self.digest else []
        now = digests_of(source)
        changed += [name for name, digest in self.files.items() if now.get(name) != digest]
        if changed:
            raise InputError(
                f"{changed[0]} has changed since the run began; "
                "restore it, or run it anew with another --out"
            )
        return source


def read_plan(folder: Path) -> ResumePlan:
    """Read the plan of a run that was cut short; InputError if the folder holds none."""
    path = folder / STATE / PLAN
    if not path.is_file():
        raise InputError(
            f"--resume {folder}: no run that was cut short; name a folder that ends in .interrupted"
        )
    begun = fit(_Begun, read_json(path), str(path)).version
    if begun != _version():
        raise InputError(
            f"--resume {folder}: begun by version {begun or 'unknown'}, and this is {_version()}, "
            "which may write other bytes; go on with that version, or run it anew"
        )
    plan = read_model(ResumePlan, path)
    # The folder may have been moved, or is seen from a container: the run ends where it lies.
    return replace(plan, out=str(folder.resolve().parent / Path(plan.out).name))


def digests_of(source: ScenarioFile) -> dict[str, str]:
    """Give a digest of every other file that a scenario names, by its name there."""
    return {
        name: _digest(source.folder / name)
        for name in source.files
        if (source.folder / name).is_file()
    }


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()[:16]
