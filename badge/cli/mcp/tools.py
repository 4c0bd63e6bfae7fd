"""The tools: what each takes, and which command it is.  What is not named here cannot be said.

An option goes as `--name=value` and the rest behind `--`, so that no value is taken for an option.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from badge.cli.mcp.rule import Confinement
from badge.contract.documents import fit, parse
from badge.errors import InputError
from badge.words import near

_Text = Annotated[str, Field(min_length=1, max_length=1000)]
GIVE_UP = "20s"  # without a server; whoever calls a tool waits for its answer
_FILE = "in the folder where badge mcp was started"


class ToolArguments(BaseModel):
    """What a tool takes; `words` gives the command that it becomes."""

    model_config = ConfigDict(extra="forbid")

    def words(self, rule: Confinement) -> list[str]:
        """Return the command's words; InputError for what the rule forbids."""
        raise NotImplementedError


class NoArguments(ToolArguments):
    """Nothing."""

    def words(self, rule: Confinement) -> list[str]:
        """Return `scenario list`."""
        return ["scenario", "list", "--json"]


class SimulateArguments(ToolArguments):
    """What `simulate` takes."""

    scenario: _Text = Field(description=f"A name of list_scenarios, or a YAML file {_FILE}.")
    badges: int | None = Field(None, ge=1, le=100_000, description="How many; the crews repeat.")
    hours: float | None = Field(None, gt=0, le=24 * 366, description="How long.")
    seed: int | None = Field(None, ge=0, le=2**63 - 1, description="Another seed, another day.")
    start: _Text | None = Field(None, description="When it begins, as 2026-03-14T06:30:00Z.")
    out: _Text | None = Field(None, description=f"The run's folder, {_FILE}; else run-<id>.")
    record: _Text | None = Field(None, description="A folder for one recording a badge, too.")
    to: _Text | None = Field(None, description="An ingest that takes uploads, on this computer.")

    def words(self, rule: Confinement) -> list[str]:
        """Return `simulate`."""
        out, record, to = self.out, self.record, self.to
        return [
            "simulate",
            "--json",
            "--jobs=1",
            *_options(self, "badges", "hours", "seed", "start"),
            *([] if out is None else [f"--out={rule.path(out, 'out')}"]),
            *([] if record is None else [f"--record={rule.path(record, 'record')}"]),
            *([] if to is None else [f"--to={rule.url(to, 'to')}", f"--give-up={GIVE_UP}"]),
            "--",
            rule.scenario(self.scenario, "scenario"),
        ]


class ValidateArguments(ToolArguments):
    """What `validate` takes."""

    files: list[_Text] = Field(
        min_length=1, max_length=64, description=f"Events or batches {_FILE}."
    )
    platform: Literal["blecon", "grouplink", "peridio"] | None = Field(
        None, description="Webhooks of another platform, not events of ours."
    )

    def words(self, rule: Confinement) -> list[str]:
        """Return `validate`."""
        files = [rule.path(one, "files") for one in self.files]
        files = [f"./{one}" if one == "-" else one for one in files]
        return ["validate", "--json", *_options(self, "platform"), "--", *files]


class JudgeArguments(ToolArguments):
    """What `judge` takes."""

    stimulus: _Text = Field(description=f"A recording {_FILE}: what happened to the device.")
    events: _Text = Field(
        description=f"What it logged: a file {_FILE}, or sqlite:///badge-ingest.db of badge serve."
    )
    tolerance: float = Field(2.0, ge=0, le=86_400, description="Seconds, more or less.")
    ignore: list[_Text] = Field([], max_length=64, description="Fields that may differ.")

    def words(self, rule: Confinement) -> list[str]:
        """Return `judge`."""
        return [
            "judge",
            "--json",
            f"--stimulus={rule.path(self.stimulus, 'stimulus')}",
            f"--events={rule.store(self.events, 'events')}",
            f"--tolerance={self.tolerance}",
            *(f"--ignore={one}" for one in self.ignore),
        ]


class ExplainArguments(ToolArguments):
    """What `explain` takes."""

    what: _Text = Field(
        description=f"A run's folder, a recording, events or a database of badge serve, {_FILE}."
    )
    event: int | None = Field(None, ge=1, le=2**63 - 1, description="The event of that number.")
    at: _Text | None = Field(
        None, description="Instead: the last event up to a moment, 10:42 or 2026-03-14T10:42:05Z."
    )
    device: _Text | None = Field(None, description="Of this badge: its id or its worker.")
    recordings: _Text | None = Field(None, description="Where a run's recordings are.")

    def words(self, rule: Confinement) -> list[str]:
        """Return `explain`."""
        where = self.recordings
        return [
            "explain",
            "--json",
            *_options(self, "event", "at", "device"),
            *([] if where is None else [f"--recordings={rule.path(where, 'recordings')}"]),
            "--",
            rule.store(self.what, "what"),
        ]


class ConformArguments(ToolArguments):
    """What `conform` takes."""

    url: _Text = Field(description="The backend, on this computer: http://127.0.0.1:8080.")
    platform: Literal["blecon", "grouplink", "peridio"] | None = Field(
        None, description="It is a receiver of this platform's webhook, not an ingest."
    )
    level: Literal["must", "should"] = Field("should", description="How strict.")
    only: list[_Text] = Field([], max_length=64, description="Checks with this in their name.")
    skip: list[_Text] = Field([], max_length=64, description="Not those with this in their name.")
    profile: _Text | None = Field(None, description="What it does otherwise on purpose; a file.")
    open: bool = Field(False, description="This backend asks for no keys.")

    def words(self, rule: Confinement) -> list[str]:
        """Return `conform`."""
        profile = self.profile
        return [
            "conform",
            "--json",
            f"--level={self.level}",
            *(f"--only={one}" for one in self.only),
            *(f"--skip={one}" for one in self.skip),
            *([] if profile is None else [f"--profile={rule.path(profile, 'profile')}"]),
            *(["--open"] if self.open else []),
            "--",
            *([] if self.platform is None else [self.platform]),
            rule.url(self.url, "url"),
        ]


@dataclass(frozen=True, slots=True)
class Offered:
    """A tool: its name, what it takes, what it is for, and what it does to files and hosts."""

    name: str
    takes: type[ToolArguments]
    purpose: str
    writes: bool = False
    reaches: bool = False
    by_line: bool = False  # prints one JSON document a line

    def words(self, arguments: dict[str, Any], rule: Confinement) -> list[str]:
        """Return the command that a call becomes; InputError says in a sentence what is wrong."""
        return fit(self.takes, arguments, self.name).words(rule)

    def document(self, out: bytes) -> Any:
        """Return what the command printed: its document, or the list of its documents."""
        most = max(len(out), 1)
        if self.by_line:
            return [parse(one, self.name, most) for one in out.splitlines() if one.strip()]
        return parse(out, self.name, most)


TOOLS = (
    Offered(
        "list_scenarios",
        NoArguments,
        "List the shipped scenarios: days of crews in the field, with their story.",
    ),
    Offered(
        "simulate",
        SimulateArguments,
        "Let badges live through a scenario; the same one and seed give the same bytes. Writes a "
        "folder with events, batches and, under truth/, what really happened; tells its figures.",
        writes=True,
        reaches=True,
    ),
    Offered(
        "validate",
        ValidateArguments,
        "Check files of events or batches against the contract: each fault with its place, then "
        "the totals.",
        by_line=True,
    ),
    Offered(
        "judge",
        JudgeArguments,
        "Judge what a device logged by what the reference badge logs of the same recording: "
        "missing, extra, wrong, late, wrongly numbered.",
    ),
    Offered(
        "explain",
        ExplainArguments,
        "Say why an event was logged: input, machine, number, flash, batch and answer. Name the "
        "event by number or by moment.",
    ),
    Offered(
        "conform",
        ConformArguments,
        "Ask a backend, over HTTP alone, whether it keeps the contract. It keeps what the checks "
        "send, so use one for tests. Keys come from the environment of badge mcp.",
        reaches=True,
    ),
)


def tool_named(name: str, tools: Sequence[Offered] = TOOLS) -> Offered:
    """Return a tool; InputError names those that there are."""
    for one in tools:
        if one.name == name:
            return one
    known = ", ".join(one.name for one in tools)
    meant = near(name, [one.name for one in tools])
    raise InputError(f"{name[:40]!r} is no tool; there are {known}{meant}")


def _options(arguments: ToolArguments, *names: str) -> Iterable[str]:
    for name in names:
        value = getattr(arguments, name)
        if value is not None:
            yield f"--{name}={value}"
