"""What a scenario may say of the platforms: Blecon, GroupLink and Peridio on the same site."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from badge.contract.patterns import told
from sim.scenario.language.words import Ground, Name, Place, Share, Strict, Time, exactly_one

ASKS_PATTERN = told(
    r"^[^.\s<>]{1,31}\.[^.\s<>]{1,31}$", "must be namespace.method, like badge.config"
)


class Spell(Strict):
    """From one time to another."""

    begins: Time
    ends: Time


class Move(Strict):
    """At a time to another place."""

    at: Time
    to: Place


class Hotspot(Strict):
    """A hotspot of a Blecon network: at a place, or on a piece of equipment and moving with it."""

    at: Place
    accuracy_m: Annotated[float, Field(ge=1.0, le=1000.0)] = 10.0
    gain_db: Annotated[float, Field(ge=-40.0, le=20.0)] = 0.0
    managed: bool = Field(default=True, description="Whether it is registered to the account.")
    installed: Time | None = Field(default=None, description="When; before the run if not said.")
    removed: Time | None = None
    moved: Move | None = None
    outages: list[Spell] = Field(default=[])


class Route(Strict):
    """A route of a Blecon network: the first match takes a request, every match the rest."""

    filter: Annotated[str, Field(min_length=1, max_length=100)] = "*"
    url: str | None = Field(default=None, description="If not said, the URL of the command line.")
    headers: list[str] = Field(default=[], max_length=5, repr=False, description="`Name: value`.")
    timeout_s: Annotated[float, Field(gt=0.0, le=60.0)] = 10.0


class Some(Strict):
    """Some of the badges from a time on: `badges` by number, the first is 1, or a share."""

    at: Time | None = Field(default=None, description="From the start if not said.")
    badges: list[Annotated[int, Field(ge=1)]] | None = None
    share: Share | None = None

    @model_validator(mode="after")
    def _which(self) -> Some:
        exactly_one(self, ("badges", "share"))
        return self


class Blecon(Strict):
    """A Blecon network over the site; the cadence of positions is that of its settings page."""

    profile: Literal["current", "seed", "rfc3339"] = "current"
    hotspots: dict[Name, Hotspot] = Field(default={"depot": Hotspot(at="depot")})
    routes: list[Route] = Field(default=[Route()], description="In order of priority.")
    spotted_every_s: Annotated[int, Field(ge=5, le=3600)] = 60
    movement_m: Annotated[float, Field(ge=10.0, le=10_000.0)] = 30.0
    heartbeat_s: Annotated[int, Field(ge=60, le=86_400)] = 600
    asks: Annotated[str, Field(pattern=ASKS_PATTERN)] | None = Field(
        default="badge.config", description="What a badge requests after each boot."
    )
    batches: Literal["none", "near", "all"] = Field(
        default="none",
        description="Which uploads travel as device.message.badge.batch too: near a hotspot, all.",
    )
    deregistered: list[Some] = Field(default=[])


class GroupLink(Strict):
    """Phones with the SDK: areas of interest become H3 cells."""

    areas: list[Place | Ground] | None = Field(
        default=None, description="Parcels, areas, places, polygons; all parcels if not said."
    )
    resolution: Annotated[int, Field(ge=0, le=15)] = 8
    package_name: Annotated[str, Field(min_length=1, max_length=200)] = "com.example.app"
    exit_confirm_s: Annotated[int, Field(ge=0, le=86_400)] = 60
    headers: list[str] = Field(default=[], repr=False, description="`Name: value`, agreed on.")


class Certificate(Some):
    """Badges that Peridio turns away, from one time to another."""

    state: Literal["invalid", "unknown", "revoked"]
    ends: Time | None = None


class Roll(Strict):
    """The secret is rolled to the second one; for `ttl_s` both sign."""

    at: Time
    ttl_s: Annotated[int, Field(ge=0, le=604_800)] = 0


class ApiKey(Strict):
    """Somebody makes an API key."""

    at: Time
    name: Name


class Peridio(Strict):
    """Firmware by Peridio: the roll-out itself is an incident, `firmware`."""

    profile: Literal["guide", "openapi"] = "guide"
    scheme: Literal["guide_code", "ascii_key", "reference_vector"] = "guide_code"
    subscribed: list[str] | None = Field(default=None, description="All events if not said.")
    secrets: list[str] = Field(default=[], max_length=2, repr=False, description="32 hex digits.")
    roll: Roll | None = None
    check_every_min: Annotated[float, Field(ge=1.0, le=1440.0)] = 60.0
    certificates: list[Certificate] = Field(default=[])
    api_keys: list[ApiKey] = Field(default=[])
    spread_s: Annotated[float, Field(ge=0.0, le=3600.0)] = Field(
        default=0.0, description="Each event is late by up to this: out of order."
    )
    duplicates: Share = 0.0


class Platforms(Strict):
    """The platforms that are on the site; a URL of the command line brings one with defaults."""

    blecon: Blecon | None = None
    grouplink: GroupLink | None = None
    peridio: Peridio | None = None
    others: list[str] = Field(default=[], description="Further ones, of which nothing is said.")

    @property
    def any(self) -> bool:
        """Whether there is one."""
        return bool(self.blecon or self.grouplink or self.peridio or self.others)
