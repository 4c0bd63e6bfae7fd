"""A scenario from a file or from the shipped ones; every error says line and column."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from pydantic import ValidationError

from badge.errors import InputError
from badge.host.documents import read_file
from sim.scenario.language.model import Scenario
from sim.scenario.language.yaml_lines import BYTES_MAX, Lined, read_lines

SHIPPED = Path(__file__).parents[1] / "shipped"


@dataclass(frozen=True, slots=True)
class ScenarioFile:
    """A scenario and where it was told: `folder` for the files that it names."""

    scenario: Scenario
    name: str
    folder: Path
    lined: Lined
    digest: str

    @property
    def files(self) -> list[str]:
        """Name the other files that it names, as it names them: parcels, captures and tracks."""
        site = self.scenario.site
        steps = [step for crew in self.scenario.crews.values() for step in crew.day]
        named = [site.parcels_file, *(one.file for one in site.captures), *(s.track for s in steps)]
        return list(dict.fromkeys(name for name in named if name is not None))

    def wrong(self, what: str, *path: str | int) -> InputError:
        """Make the error of a part of it."""
        line, column = self.lined.place_of(path)
        return InputError(f"{self.name} line {line} column {column}: {what}")


def read_scenario(source: str | Path) -> ScenarioFile:
    """Read a YAML file, or a shipped scenario by its name; InputError with the place."""
    path = find(source)
    try:
        content = read_file(path, BYTES_MAX)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None
    return parse_scenario(content, str(source), path.parent)


def parse_scenario(content: bytes, name: str, folder: Path) -> ScenarioFile:
    """Read the bytes of a YAML file."""
    lined = read_lines(content, name)
    try:
        scenario = Scenario.model_validate(lined.value)
    except ValidationError as error:
        raise _wrong(lined, name, error) from None
    return ScenarioFile(scenario, name, folder, lined, blake2b(content, digest_size=4).hexdigest())


def find(source: str | Path) -> Path:
    """Give the file of a path or of a shipped name; InputError listing those."""
    path = Path(source)
    if path.exists() and not path.is_dir():
        return path
    shipped = SHIPPED / f"{source}.yaml"
    if "/" not in str(source) and shipped.exists():
        return shipped
    known = ", ".join(shipped_names())
    raise InputError(f"{source}: neither a file nor a shipped scenario; shipped are: {known}")


def shipped_names() -> list[str]:
    """List the shipped scenarios."""
    return sorted(path.stem for path in SHIPPED.glob("*.yaml"))


def _wrong(lined: Lined, name: str, error: ValidationError) -> InputError:
    """Tell the error that lies deepest: of a union's branches the one that fitted best."""
    details = error.errors(include_url=False, include_context=False)
    first = max(details, key=lambda detail: len(_known(lined, detail["loc"])))
    path = _known(lined, first["loc"])
    line, column = lined.place_of(path)
    rest = [str(part) for part in first["loc"][len(path) :]]
    where = ".".join(map(str, path)) or "scenario"
    if first["type"] == "missing" and rest:
        what = f"{rest[-1]!r} is missing"
    elif first["type"] == "extra_forbidden":
        what = "unknown key; `badge scenario schema` lists the known ones"
    else:
        what = first["msg"].removeprefix("Value error, ")
    return InputError(f"{name} line {line} column {column}: {where}: {what}")


def _known(lined: Lined, path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    known: tuple[str | int, ...] = ()
    for part in path:
        if (*known, part) in lined.places:
            known = (*known, part)
    return known
