"""What a data set is made of: sites, parts of their badges, and where each file of it lies."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from importlib.metadata import version
from math import ceil
from typing import Any, Literal, TypeAlias

from sim.scenario.language.read import ScenarioFile
from sim.scenario.plan.parameters import Parameters

Format: TypeAlias = Literal["parquet", "ndjson"]
PARTS, PLAN, MANIFEST = "_parts", "_plan.json", "manifest.json"
PARTS_LEAST = 8  # of a site: so many workers have something to do
BADGE_DAYS_MOST, BADGES_MOST = 20_000, 1000  # of a part: what a worker's disk holds meanwhile
CHUNK_BADGE_DAYS = 1500  # of a chunk, some minutes' work: what is lost with a worker
_DAY_H = 24.0


@dataclass(frozen=True, slots=True)
class DatasetPart:
    """A range of a site's badges, all their days: what one worker does at a time.

    A badge's queue and battery know the days before, so days of one badge are lived in order;
    badges know nothing of each other, so parts are lived anywhere, in any order.
    """

    site: str
    number: int
    source: ScenarioFile
    parameters: Parameters
    first: int
    last: int
    format: Format
    key: str
    engine: str = "auto"  # of no consequence for the bytes

    @property
    def indexes(self) -> range:
        """The badges of the part, counted from 0."""
        return range(self.first, self.last)

    @property
    def chunks(self) -> list[range]:
        """The same badges, by as many as are lived before their rows are put away."""
        days = ceil(self.parameters.hours / _DAY_H)
        step = max(1, CHUNK_BADGE_DAYS // days)
        return [range(n, min(n + step, self.last)) for n in range(self.first, self.last, step)]

    def chunk_name(self, badges: range) -> str:
        """Give where the rows of some badges lie until the part is whole."""
        return f"{self.name.removesuffix('.json')}/badges-{badges.start:06d}-{badges.stop:06d}.zip"

    @property
    def name(self) -> str:
        """Name it, also as the file that says that it is whole."""
        return f"{PARTS}/site={self.site}/part-{self.number:05d}.json"

    def file(self, table: str, day: str) -> str:
        """Give where its rows of a day lie."""
        return f"{table}/site={self.site}/day={day}/part-{self.number:05d}.{self.format}"


@dataclass(frozen=True, slots=True)
class DatasetPlan:
    """A data set: for every site its scenario and what is asked of it.

    `files` are the digests of the other files that a scenario names.
    """

    scenario: str
    sources: dict[str, ScenarioFile]
    files: dict[str, str]
    parameters: dict[str, Parameters]
    format: Format
    part_badges: int
    engine: str = "auto"

    def document(self) -> dict[str, Any]:
        """Give what makes the data set what it is: the same document, the same bytes."""
        sites = {
            site: {
                "scenario": source.scenario.scenario,
                "digest": source.digest,
                **asdict(self.parameters[site]),
            }
            for site, source in self.sources.items()
        }
        return {
            "scenario": self.scenario,
            "version": version("badge-simulator"),
            "format": self.format,
            "part_badges": self.part_badges,
            "files": self.files,
            "sites": sites,
        }

    def text(self) -> str:
        """Write it down."""
        return json.dumps(self.document(), indent=2) + "\n"

    @property
    def key(self) -> str:
        """Give a short name of the text: a part of another data set has another."""
        return blake2b(self.text().encode(), digest_size=8).hexdigest()

    def parts(self) -> Iterator[DatasetPart]:
        """Give every part, by site and badge."""
        key = self.key
        for site, source in self.sources.items():
            asked = self.parameters[site]
            for number, first in enumerate(range(0, asked.badges, self.part_badges)):
                last = min(first + self.part_badges, asked.badges)
                yield DatasetPart(
                    site, number, source, asked, first, last, self.format, key, self.engine
                )


def part_badges(parameters: Sequence[Parameters]) -> int:
    """Choose how many badges a part has: enough parts for some workers, none too large."""
    badges = max(one.badges for one in parameters)
    days = ceil(max(one.hours for one in parameters) / _DAY_H)
    return max(1, min(ceil(badges / PARTS_LEAST), BADGE_DAYS_MOST // days, BADGES_MOST))
