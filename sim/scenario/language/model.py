"""What a scenario may say, in words of the field; the JSON Schema for editors comes from here."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, model_validator

from badge.contract.events import MAC_PATTERN, RebootReason
from badge.contract.patterns import told
from sim.scenario.language.calendar import Calendar, InRain, Weekday
from sim.scenario.language.platforms import Platforms
from sim.scenario.language.times import OFFSET_PATTERN, START_PATTERN
from sim.scenario.language.words import (
    Date,
    Minutes,
    Name,
    Point,
    Share,
    Strict,
    Time,
    Version,
    exactly_one,
)
from sim.scenario.language.words import Ground as Ground
from sim.scenario.language.words import Place as Place

VERBS = (
    *("arrive", "work", "contracts", "stand", "lunch", "fetch"),
    *("ride", "drive", "walk", "track", "leave"),
)
LASTING = ("work", "contracts", "stand", "lunch", "track")
PAYLOAD_PATTERN = told(
    "^(ibeacon|eddystone-uid|eddystone-tlm|ruuvi|bthome|none|([0-9A-Fa-f]{2}){1,31})$",
    "must be ibeacon, eddystone-uid, eddystone-tlm, ruuvi, bthome, none, or hexadecimal octets",
)
ACTIONS = ("reboot", "battery_pct", "firmware", "clock_off_s", "gps_down_min", "scanner_down_min")


EnvironmentName = Literal["yard", "room", "metal", "hall", "bench"]


class Words(Strict, BaseModel):  # named here once more, so that the linter sees a model
    """A part of a scenario: unknown keys are errors."""


class Area(Ground):
    """A place with a sky of its own: a shed is indoor, an orchard is tree_cover."""

    kind: Literal["indoor", "tree_cover", "urban"]


class Capture(Words):
    """What a real scanner once heard, heard again: by all badges, or by those that are named."""

    file: Annotated[str, Field(description="btsnoop, pcap, pcapng, or CSV of unix_ms,mac,rssi.")]
    at: Time = Field(description="When its first advertisement is heard.")
    tags: list[Annotated[str, Field(pattern=MAC_PATTERN)]] | None = Field(
        default=None, description="Which of its radios are equipment; all of them unless said."
    )
    badges: list[Annotated[int, Field(ge=1)]] | None = None
    worker: Name | None = None

    @model_validator(mode="after")
    def _one_choice(self) -> Capture:
        if self.badges is not None and self.worker is not None:
            raise ValueError("say at most one of badges, worker")
        return self


class OwnEnvironment(Words):
    """A radio environment of one's own, as `badge calibrate` writes it; the rest is like another's.

    The numbers are those of `sim.world.environments.Environment`.
    """

    like: EnvironmentName = "yard"
    name: Name = "own"
    source: str = "the scenario"
    rssi_1m_dbm: Annotated[float, Field(ge=-100.0, le=-20.0)] | None = None
    exponent: Annotated[float, Field(ge=1.0, le=6.0)] | None = None
    shadowing_db: Annotated[float, Field(ge=0.0, le=15.0)] | None = None
    corr_m: Annotated[float, Field(gt=0.0, le=50.0)] | None = None
    rice_k: Annotated[float, Field(ge=0.0, le=20.0)] | None = None
    sway_rad_s: Annotated[float, Field(ge=0.0, le=20.0)] | None = None
    body_db: Annotated[float, Field(ge=0.0, le=40.0)] | None = None
    irregular: Annotated[float, Field(ge=0.0, le=2.0)] | None = None
    error_db: Annotated[float, Field(ge=0.0, le=10.0)] | None = None
    loss: Annotated[float, Field(ge=0.0, lt=1.0)] | None = None
    sensitivity_dbm: Annotated[float, Field(ge=-120.0, le=-50.0)] | None = None


class Site(Words):
    """Where it happens: an origin in degrees, the depot, parcels and areas."""

    origin: Annotated[tuple[float, float], Field(description="Latitude and longitude.")] = (
        45.81,
        15.98,
    )
    depot: Point = (0.0, 0.0)
    parcels: dict[Name, Ground] = {}
    parcels_file: str | None = Field(
        default=None,
        description="A GeoJSON FeatureCollection; `name`, `parcel_id` or `id` names a parcel.",
    )
    areas: dict[Name, Area] = {}
    captures: list[Capture] = Field(default=[], description="Real captures that are replayed.")
    environment: EnvironmentName | OwnEnvironment = Field(
        default="yard", description="What happens to 2.4 GHz here (docs/world.md)."
    )
    tag_spread_db: Annotated[float, Field(ge=0.0, le=10.0)] = Field(
        default=2.0, description="How much tags of one kind differ in strength (sd)."
    )


class Trip(Words):
    """A drive of a piece of equipment, every day."""

    at: Time
    route: list[Place] = Field(min_length=1)
    speed_kmh: Annotated[float, Field(ge=2.0, le=140.0)] = 30.0


class Equipment(Words):
    """A machine or tool with a tag: parked, driving trips, or carried by a worker."""

    tag: Annotated[str, Field(pattern=MAC_PATTERN, examples=["AA:BB:CC:DD:EE:01"])]
    parked: Place | None = None
    trips: list[Trip] = []
    carried_by: Name | None = None
    interval_ms: Annotated[int, Field(ge=20, le=10_240)] = 100
    gain_db: Annotated[float, Field(ge=-40.0, le=20.0)] | None = Field(
        default=None, description="Stronger than its kind by this; drawn (tag_spread_db) if unsaid."
    )
    known: bool = Field(
        default=True, description="Whether the badges' configuration lists the tag."
    )
    payload: Annotated[str, Field(pattern=PAYLOAD_PATTERN, examples=["ruuvi"])] = Field(
        default="ibeacon",
        description="What its tag says: ibeacon, eddystone-uid, eddystone-tlm, ruuvi, bthome, "
        "none, or at most 31 octets in hexadecimal.",
    )
    gatt: bool = Field(
        default=False, description="Whether its tag can be connected to, to configure it."
    )

    @model_validator(mode="after")
    def _somewhere(self) -> Equipment:
        exactly_one(self, ("parked", "carried_by"))
        if self.trips and self.parked is None:
            raise ValueError("what is carried makes no trips of its own; say where it is parked")
        return self


class Step(Words):
    """One line of a day: exactly one verb, and until when, how fast or along what."""

    at: Time | None = Field(default=None, description="When; needed by arrive.")
    until: Time | None = Field(
        default=None, description="Until when; needed by work, contracts, stand, lunch, track."
    )
    arrive: Place | None = None
    work: Place | None = Field(
        default=None, description="A parcel or area to walk to and work inside."
    )
    contracts: Literal["due"] | None = Field(
        default=None, description="Drive from one property to the next that is due today."
    )
    kind: Literal["on_foot", "trimming", "riding", "driving", "standing", "office"] = Field(
        default="on_foot", description="How somebody moves who works there (docs/world.md)."
    )
    stand: Place | None = None
    lunch: Place | None = Field(default=None, description="Where to sit, e.g. the truck.")
    fetch: Place | None = Field(default=None, description="Walk there, pick it up, walk back.")
    ride: Name | None = Field(
        default=None, description="Equipment whose next trip is ridden along."
    )
    drive: Place | None = None
    walk: Place | None = None
    track: str | None = Field(default=None, description="A GPX file or NMEA log to follow.")
    leave: Place | None = Field(
        default=None, description="Go there, end the shift, hang up the badge."
    )
    route: list[Place] = Field(default=[], description="Corners on the way of a drive.")
    speed_kmh: Annotated[float, Field(ge=2.0, le=140.0)] = 30.0

    @property
    def verb(self) -> str:
        """Name what is done."""
        return exactly_one(self, VERBS)

    @model_validator(mode="after")
    def _complete(self) -> Step:
        verb = self.verb
        if verb == "arrive" and self.at is None:
            raise ValueError('arrive needs its time, as in `at: "06:45"`')
        if verb in LASTING and self.until is None:
            raise ValueError(f'{verb} needs its end, as in `until: "12:00"`')
        return self


class Crew(Words):
    """People who have the same day; names, or just how many there are."""

    workers: list[Name] | Annotated[int, Field(ge=1, le=100_000)]
    foreman: Name | None = Field(default=None, description="Who assigns the badges.")
    spread_min: Minutes = Field(
        default=3.0, description="Each is late by up to this, all day long."
    )
    forgets: list[Name] | Literal["all"] = Field(
        default=[], description="Who never ends the shift."
    )
    works: list[Weekday] | None = Field(
        default=None, description="Its own working days, where they are not the calendar's."
    )
    days_off: list[Date] = []
    in_rain: InRain = Field(
        default="works", description="The day through, in the shelter, half of it, or home."
    )
    rain_from_mm: Annotated[float, Field(gt=0.0, le=500.0)] = Field(
        default=5.0, description="What counts as rain, in mm a day."
    )
    shelter: Place = Field(default="depot", description="Where it stays in the rain.")
    day: list[Step] = Field(min_length=2)

    @model_validator(mode="after")
    def _begins_and_ends(self) -> Crew:
        verbs = [step.verb for step in self.day]
        if verbs[0] != "arrive" or verbs[-1] != "leave" or len(set(verbs) & {"leave"}) != 1:
            raise ValueError("a day begins with arrive and ends with leave")
        if verbs.count("arrive") > 1 or verbs.count("leave") > 1:
            raise ValueError("a day has one arrive and one leave")
        return self


class Faulty(Words):
    """A share of the badges that is broken, and how."""

    share: Share
    fault: Literal["gps", "scanner", "battery", "reboots"]


class Badges(Words):
    """A group of equal badges; the first badge goes to the first worker, and so on."""

    count: Annotated[int, Field(ge=1, le=100_000)]
    firmware: Version = "0.3.0"
    config: dict[str, Any] = Field(default={}, description="Keys of device_config.json.")
    battery_pct: Annotated[float, Field(ge=0.0, le=100.0)] = 100.0
    battery_mah: Annotated[float, Field(gt=0.0, le=20_000.0)] = 2000.0
    charger: bool = Field(default=True, description="Whether they charge while nobody wears them.")
    faulty: Faulty | None = None
    since: Time | None = Field(
        default=None, description="When they are handed out; from the start unless said."
    )


class Zone(Words):
    """An area or parcel where the network is stronger or weaker."""

    area: Name
    gain_db: Annotated[float, Field(ge=-100.0, le=60.0)]


class Outage(Words):
    """No network from one time to another, everywhere or in one area."""

    begins: Time
    ends: Time
    area: Name | None = None


class Coverage(Words):
    """The cellular network: strength in dBm (RSRP), zones, outages."""

    base_dbm: Annotated[float, Field(ge=-140.0, le=-44.0)] = -92.0
    zones: list[Zone] = []
    outages: list[Outage] = []


class Waves(Words):
    """A roll-out in waves: growing shares of the badges, some days apart."""

    every_days: Annotated[int, Field(ge=1, le=100)] = 7
    shares: list[Share] = Field(min_length=1, max_length=100)

    @model_validator(mode="after")
    def _growing(self) -> Waves:
        if self.shares != sorted(self.shares):
            raise ValueError("each share holds the one before: write them growing")
        return self


class Incident(Words):
    """What befalls badges at a time: exactly one action, on all badges unless some are named."""

    at: Time
    badges: list[Annotated[int, Field(ge=1)]] | None = Field(
        default=None, description="1 is the first."
    )
    share: Share | None = None
    worker: Name | None = None
    waves: Waves | None = Field(
        default=None, description="One share of the badges after the other, the first one at `at`."
    )
    reboot: RebootReason | None = None
    battery_pct: Annotated[float, Field(ge=0.0, le=100.0)] | None = Field(
        default=None, description="The battery is swapped for one with this charge."
    )
    firmware: Version | None = Field(default=None, description="An over-the-air update.")
    fails: bool = Field(
        default=False, description="The new firmware cannot upload: it must go back."
    )
    clock_off_s: Annotated[int, Field(ge=-(10**8), le=10**8)] | None = None
    gps_down_min: Minutes | None = None
    scanner_down_min: Minutes | None = None

    @property
    def action(self) -> str:
        """Name what happens."""
        return exactly_one(self, ACTIONS)

    def is_felt_after(self, ms: int) -> bool:
        """Say whether a badge is still another one so long afterwards: not where it went back."""
        down_min = self.gps_down_min or self.scanner_down_min or 0.0
        stays = self.firmware is not None or self.battery_pct is not None
        return (stays and not self.fails) or down_min * 60_000 > ms

    @model_validator(mode="after")
    def _clear(self) -> Incident:
        action = self.action
        chosen = (self.badges, self.share, self.worker, self.waves)
        if sum(value is not None for value in chosen) > 1:
            raise ValueError("say at most one of badges, share, worker, waves")
        if self.fails and action != "firmware":
            raise ValueError("fails belongs to firmware")
        return self


class Cloud(Words):
    """What the modelled cloud refuses; a real one under `--to` has its own rules."""

    oldest_firmware: Version | None = None


class Scenario(Words):
    """A story that badges live through."""

    scenario: Name
    story: str = ""
    start: Annotated[str, Field(pattern=START_PATTERN)] = "2026-03-14T06:30:00Z"
    utc_offset: Annotated[str, Field(pattern=OFFSET_PATTERN)] = Field(
        default="+00:00", description="The times of day in this file are UTC plus this."
    )
    zone: Name | None = Field(
        default=None,
        description="Or its IANA time zone, with its nights of 23 and 25 hours.",
        examples=["America/New_York"],
    )
    hours: Annotated[float, Field(gt=0.0, le=24.0 * 366)] = 10.0
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    boots_within_min: Minutes = Field(
        default=5.0, description="Badges are switched on over this time."
    )
    temperature_c: Annotated[float, Field(ge=-30.0, le=60.0)] = 20.0
    currents: Literal["documents", "published"] = Field(
        default="documents", description="What the parts draw: `badge power` shows both."
    )
    radio: Literal["sample", "cycle"] = Field(
        default="sample",
        description="How a scan cycle is heard: sample by sample, or drawn at once, which is "
        "faster and fitted to the former (docs/world.md).",
    )
    company_id: Annotated[str, Field(min_length=1, max_length=64)] = "acme"
    site: Site = Site()
    equipment: dict[Name, Equipment] = {}
    crews: dict[Name, Crew] = {}
    badges: list[Badges] = []
    coverage: Coverage = Coverage()
    incidents: list[Incident] = []
    calendar: Calendar | None = Field(
        default=None, description="Which days are worked; all days alike unless said."
    )
    cloud: Cloud = Cloud()
    platforms: Platforms = Platforms()
    sites: dict[Name, dict[str, Any] | None] = Field(
        default={}, description="Several sites: what each says itself of the keys of this file."
    )

    @model_validator(mode="after")
    def _one_clock(self) -> Scenario:
        if self.zone is not None and "utc_offset" in self.model_fields_set:
            raise ValueError("say at most one of utc_offset, zone")
        return self
