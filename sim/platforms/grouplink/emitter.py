"""Makes GroupLink's events: one of a phone that entered a cell."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from sim.platforms.grouplink.models import EntryEvent, Origin, Phone, phone_of


@dataclass(frozen=True, slots=True)
class Emitter:
    """Makes events for one app; `ids` is the stream that tracking ids are drawn from."""

    ids: Random
    package_name: str = "com.example.app"
    airport: str = "IAD"

    def event_in(self, phone: Phone, cell_id: str, origin: Origin, *, utc_ms: int) -> EntryEvent:
        """`phone` entered `cell_id` at `utc_ms`, noticed by way of `origin`."""
        return EntryEvent(
            mm=phone.mm,
            cell_id=cell_id,
            event_type="EVENT_IN",
            event_duration=-1,
            created_at=utc_ms,
            brand=phone.brand,
            model=phone.model,
            cfray=f"{self.ids.getrandbits(64):016x}-{self.airport}",
            origin=origin,
            adv_key=self.package_name,
            os=phone.os,
            os_version=phone.os_version,
            package_name=self.package_name,
        )


def sample(type_name: str, ids: Random, utc_ms: int) -> EntryEvent:
    """An event to send by hand."""
    phone = phone_of("W-042", "sample")
    return Emitter(ids).event_in(phone, "8881839825fffff", "beacon", utc_ms=utc_ms)
