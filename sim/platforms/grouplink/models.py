"""What GroupLink posts, and the phones that it tells of."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Literal

import h3  # type: ignore[import-untyped]  # the library ships no types
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from badge.contract.patterns import told
from sim.platforms.kit.event import EventModel

Origin = Literal["beacon", "gps", "network"]
LAST_MS = 253_402_300_799_999  # the end of the year 9999; microseconds are beyond it
KEY_FIELDS = ("mm", "created_at", "event_type", "cell_id")  # the documents name no id


def _is_a_cell(text: str) -> str:
    if not h3.is_valid_cell(text):
        raise PydanticCustomError("h3_cell", "not a valid H3 cell")
    return text


CellId = Annotated[
    str, Field(pattern=told("^8[0-9a-f]{14}$", "must be an H3 cell")), AfterValidator(_is_a_cell)
]


class EntryEvent(EventModel):
    """EVENT_IN with its 13 fields in the order of the example.

    The platform's own sample validator requires only mm, cell_id, event_type and created_at.
    """

    mm: Annotated[int, Field(description="pseudonymous hash of the device")]
    cell_id: Annotated[CellId, Field(description="H3 cell that was entered")]
    event_type: Literal["EVENT_IN"]
    event_duration: Annotated[int, Field(ge=-1, le=-1, description="-1 on entry; ms")] = -1
    created_at: Annotated[int, Field(ge=0, le=LAST_MS, description="Unix milliseconds")]
    brand: str | None = None
    model: str | None = None
    cfray: Annotated[str, Field(pattern="^[0-9a-z]{16}-[A-Z]{3}$")] | None = None
    origin: Origin | None = None
    adv_key: str | None = None
    os: str | None = None
    os_version: str | None = None
    package_name: str | None = None


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone as GroupLink sees it: a pseudonym of 31 bits, and a model that exists."""

    mm: int
    brand: str
    model: str
    os: str
    os_version: str


MODELS = (
    ("apple", "iPhone14,2", "iOS", "26.1"),
    ("apple", "iPhone14,5", "iOS", "18.6.2"),
    ("apple", "iPhone15,2", "iOS", "26.1"),
    ("apple", "iPhone16,1", "iOS", "26.1"),
    ("apple", "iPhone12,8", "iOS", "18.6.2"),
    ("samsung", "SM-G998B", "Android", "14.0"),
    ("samsung", "SM-S918B", "Android", "15.0"),
    ("samsung", "SM-A546B", "Android", "14.0"),
    ("samsung", "SM-A155M", "Android", "14.0"),
    ("xiaomi", "2201123G", "Android", "14.0"),
    ("xiaomi", "2211133G", "Android", "14.0"),
)


def phone_of(person: str, salt: str) -> Phone:
    """The phone of a person: the same person and salt always carry the same one."""
    digest = sha256(f"{salt}\0{person}".encode()).digest()
    mm = int.from_bytes(digest[:4]) & 0x7FFF_FFFF
    return Phone(mm, *MODELS[int.from_bytes(digest[4:8]) % len(MODELS)])


def cell_of(lat: float, lon: float, resolution: int = 8) -> str:
    """The H3 cell that contains a position; 8 is the resolution of the documented example."""
    return str(h3.latlng_to_cell(lat, lon, resolution))
