"""A scenario from a file or from the shipped ones; every error says line and column."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from badge.contract.patterns import meant_of, rule_of
from badge.errors import InputError
from badge.host.documents import read_file
from badge.words import listed, near
from sim.scenario.language.model import Scenario
from sim.scenario.language.yaml_lines import BYTES_MAX, Keys, Lined, read_lines

_MUST = "must be "
_LISTED = 12  # of the names that there are
SHIPPED = Path(__file__).parents[1] / "shipped"


@dataclass(frozen=True, slots=True)
class ScenarioFile:
    """A scenario and where it was told: `folder` for the files that it names."""

    scenario: Scenario
    name: str
    folder: Path
    lined: Lined
    digest: str
    site: str = ""  # which one of a scenario of several; empty where it is the only one

    @property
    def files(self) -> list[str]:
        """Name the other files that it names: parcels, captures, tracks and weather."""
        site = self.scenario.site
        steps = [step for crew in self.scenario.crews.values() for step in crew.day]
        calendar = self.scenario.calendar
        weather = None if calendar is None or calendar.weather is None else calendar.weather.file
        named = [site.parcels_file, *(one.file for one in site.captures), *(s.track for s in steps)]
        named.append(weather)
        return list(dict.fromkeys(name for name in named if name is not None))

    def wrong(self, what: str, *path: str | int) -> InputError:
        """Make the error of a part of it."""
        line, column = self.lined.place_of(path)
        name = f"{self.name}@{self.site}" if self.site else self.name
        return InputError(f"{name} line {line} column {column}: {what}")

    def unknown(self, name: str, what: str, among: Sequence[str], *path: str | int) -> InputError:
        """Make the error of a name that is nowhere: with those that there are, and near ones."""
        known = f"known are: {listed(among, _LISTED)}" if among else "there is none"
        return self.wrong(f"{name!r} {what}; {known}{near(name, among)}", *path)


def read_scenario(source: str | Path) -> ScenarioFile:
    """Read a YAML file, or a shipped scenario by its name; InputError with the place.

    `season-of-200@boston` is one site of a scenario that has several.
    """
    path, site = find(source), _site_of(source)
    try:
        content = read_file(path, BYTES_MAX)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None
    name = str(source).removesuffix(f"@{site}") if site else str(source)
    whole = parse_scenario(content, name, path.parent)
    return site_named(whole, site) if site else whole


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
    site = _site_of(source)
    text = str(source).removesuffix(f"@{site}") if site else str(source)
    path = Path(text)
    if path.exists() and not path.is_dir():
        return path
    shipped = SHIPPED / f"{text}.yaml"
    if "/" not in text and shipped.exists():
        return shipped
    known = shipped_names()
    told = f"{', '.join(known)}{near(text, known)}"
    raise InputError(f"{text}: neither a file nor a shipped scenario; shipped are: {told}")


def _site_of(source: str | Path) -> str:
    """Give what stands after the last @, unless a file has that very name."""
    return "" if Path(source).exists() or "@" not in str(source) else str(source).rpartition("@")[2]


def sites_of(source: ScenarioFile) -> dict[str, ScenarioFile]:
    """Give the scenario of each site by its name; one without sites is its own, under ""."""
    if not source.scenario.sites:
        return {"": source}
    return {name: _site(source, name) for name in source.scenario.sites}


def site_named(source: ScenarioFile, name: str) -> ScenarioFile:
    """Give the scenario of one site; InputError if there is none of that name."""
    if name not in source.scenario.sites:
        known = ", ".join(source.scenario.sites) or "none"
        meant = near(name, source.scenario.sites)
        raise InputError(f"{source.name}: no site {name!r}; its sites are: {known}{meant}")
    return _site(source, name)


def _site(source: ScenarioFile, name: str) -> ScenarioFile:
    """Lay what a site says over what all share: key by key, and a second time within a key."""
    whole = source.lined.value
    assert isinstance(whole, dict)
    shared = {key: value for key, value in whole.items() if key != "sites"}
    own: dict[str, Any] = whole["sites"][name] or {}
    if "sites" in own:
        raise source.wrong("a site has no sites", "sites", name, "sites")
    merged: dict[str, Any] = {**shared, **own}
    for key, value in own.items():
        if isinstance(value, dict) and isinstance(shared.get(key), dict):
            merged[key] = {**shared[key], **value}
    merged["scenario"] = own.get("scenario", f"{source.scenario.scenario}: {name}")
    lined = Lined(merged, _places(source.lined, ("sites", name)))
    try:
        scenario = Scenario.model_validate(merged)
    except ValidationError as error:
        raise _wrong(lined, source.name, error) from None
    return replace(source, scenario=scenario, lined=lined, site=name)


def _places(lined: Lined, under: Keys) -> dict[Keys, tuple[int, int]]:
    """Give the places of a merged document: the site's own, else those of what all share."""
    places = dict(lined.places)
    for path, place in lined.places.items():
        if path[: len(under)] == under and len(path) > len(under):
            places[path[len(under) :]] = place
    return places


def shipped_names() -> list[str]:
    """List the shipped scenarios."""
    return sorted(path.stem for path in SHIPPED.glob("*.yaml"))


def _wrong(lined: Lined, name: str, error: ValidationError) -> InputError:
    """Tell the error that lies deepest: of a union's branches the one that fitted best."""
    details = error.errors(include_url=False)
    first = max(details, key=lambda detail: len(_known(lined, detail["loc"])))
    path = _known(lined, first["loc"])
    line, column = lined.place_of(path)
    rest = first["loc"][len(path) :]
    where = ".".join(map(str, path)) or "scenario"
    if first["type"] == "missing" and rest:
        last = rest[-1]
        what = f"item {last + 1} is missing" if isinstance(last, int) else f"{last!r} is missing"
    elif first["type"] == "extra_forbidden":
        meant = near(str(path[-1]), keys_at(path[:-1])) if path else ""
        what = f"unknown key; `badge scenario schema` lists the known ones{meant}"
    else:
        here = [detail for detail in details if _known(lined, detail["loc"]) == path]
        what = alternatives(rule_of(one) for one in here) + (
            next(filter(None, map(meant_of, here)), "")
        )
    return InputError(f"{name} line {line} column {column}: {where}: {what}")


def alternatives(rules: Iterable[str]) -> str:
    """Join what the branches of a union say of one value: `must be a list, or a whole number`."""
    said = list(dict.fromkeys(rules))
    if not all(one.startswith(_MUST) for one in said):
        return said[0]
    return _MUST + ", or ".join(one.removeprefix(_MUST) for one in said)


def keys_at(path: Keys) -> list[str]:
    """Name the keys that a part of a scenario may have, by the schema of the language."""
    whole = Scenario.model_json_schema()
    level = [whole]
    for part in path:
        level = [inner for one in level for inner in _inner(whole, one, part)]
    return [
        key for one in level for kind in _kinds(whole, one) for key in kind.get("properties", ())
    ]


def _inner(whole: dict[str, Any], schema: dict[str, Any], part: str | int) -> list[dict[str, Any]]:
    """Give the schemas of what lies under a key, or of the items of a list."""
    found: list[Any] = []
    for kind in _kinds(whole, schema):
        named = kind.get("properties", {})
        any_other = [kind.get("additionalProperties"), *kind.get("patternProperties", {}).values()]
        under = [named[part]] if part in named else any_other
        found += [kind.get("items")] if isinstance(part, int) else under
    return [one for one in found if isinstance(one, dict)]


def _kinds(whole: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Give what a schema is: what it points to, and of a union each branch."""
    if "$ref" in schema:
        return _kinds(whole, whole["$defs"][schema["$ref"].rpartition("/")[2]])
    branches = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    return [kind for one in branches for kind in _kinds(whole, one)] or [schema]


def _known(lined: Lined, path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    known: tuple[str | int, ...] = ()
    for part in path:
        if (*known, part) in lined.places:
            known = (*known, part)
    return known
