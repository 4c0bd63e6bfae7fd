"""Which of the batches go out: from when until when, of which devices, under which names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time

from pydantic import TypeAdapter, ValidationError

from badge.contract.events import DeviceId
from badge.entry import timestamp
from badge.errors import InputError
from badge.words import listed
from sim.traffic.batches import Batch, in_order

_DEVICE: TypeAdapter[str] = TypeAdapter(DeviceId)
Moment = datetime | time | None


@dataclass(frozen=True, slots=True)
class Chosen:
    """A part of the traffic; `devices` pairs a device with the name it goes out under."""

    begin: Moment = None
    end: Moment = None
    devices: tuple[tuple[str, str], ...] = ()

    def of(self, batches: Sequence[Batch], place: str) -> list[Batch]:
        """Give the chosen batches in the order of their moments; InputError if there are none."""
        if not batches:
            raise InputError(f"{place}: there is no batch in it")
        there = dict.fromkeys(batch.device_id for batch in batches)
        strangers = [name for name, _ in self.devices if name not in there]
        if strangers:
            raise InputError(f"--devices {strangers[0]}: not there; it has {listed(list(there))}")
        names = dict(self.devices) or {name: name for name in there}
        first_ms = min(batch.moment_ms for batch in batches)
        last_ms = max(batch.moment_ms for batch in batches)
        begin_ms, end_ms = (_unix_ms(at, first_ms) for at in (self.begin, self.end))
        if begin_ms is not None and end_ms is not None and begin_ms > end_ms:
            raise InputError(f"--from {self.begin} is later than --until {self.end}")

        def keeps(batch: Batch) -> bool:
            late = begin_ms is None or batch.moment_ms >= begin_ms
            early = end_ms is None or batch.moment_ms <= end_ms
            return late and early and batch.device_id in names

        chosen = in_order(batches, keeps)
        if not chosen:
            raise InputError(
                f"{place}: no batch between --from and --until; they went from "
                f"{timestamp(first_ms // 1000)} to {timestamp(last_ms // 1000)}"
            )
        return chosen


def read_moment(option: str, text: str | None) -> Moment:
    """Read `10:30` or an ISO 8601 moment (UTC without a zone); InputError for anything else."""
    if text is None:
        return None
    for kind in (time, datetime):
        try:
            return kind.fromisoformat(text)
        except ValueError:
            continue
    raise InputError(f"{option} {text}: no moment; write 10:30 or 2026-03-14T10:30:00Z")


def read_devices(texts: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Read `ACT-0000000A`, several apart by commas, or `OLD=NEW`; InputError for anything else."""
    pairs = []
    for text in texts:
        for one in text.split(","):
            old, _, new = one.strip().partition("=")
            for name in (old, new or old):
                try:
                    _DEVICE.validate_python(name, strict=True)
                except ValidationError:
                    raise InputError(
                        f"--devices {one}: no device; write ACT-0000000A, or OLD=NEW to send as NEW"
                    ) from None
            pairs.append((old, new or old))
    for side, which in ((0, "named"), (1, "sent as")):
        names = [pair[side] for pair in pairs]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise InputError(f"--devices: {twice} is {which} twice")
    return tuple(pairs)


def read_shift_s(text: str | None, first_ms: int, now_s: float) -> int:
    """Read `now`, `+90s`, `-2h`, `+7d` or a moment: what is added to every time, in whole seconds.

    `now` and a moment are where the first batch comes to lie.
    """
    if text is None:
        return 0
    if text == "now":
        return round(now_s) - first_ms // 1000
    units = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
    if text[:1] in "+-" and text[-1:] in units and text[1:-1].isdecimal() and len(text) < 12:
        return int(text[:-1]) * units[text[-1]]
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"--shift {text}: write now, +7d, -90m, or the moment of the first batch"
        ) from None
    aware = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return round(aware.timestamp()) - first_ms // 1000


def _unix_ms(at: Moment, first_ms: int) -> int | None:
    if at is None:
        return None
    if isinstance(at, time):
        at = datetime.combine(datetime.fromtimestamp(first_ms // 1000, UTC).date(), at)
    aware = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return round(aware.timestamp() * 1000)
