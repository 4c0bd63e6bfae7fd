"""Steps of a story about one parameter: what comes before the request, and what after."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sim.notecard.codec.cobs import cobs_encode

Step = Any  # a request to ask, seconds to wait, or something to do to the desk


@dataclass(frozen=True)
class Example:
    """`value` of the parameter, the request's other members, what comes before and after."""

    value: Any
    others: dict[str, Any] = field(default_factory=dict)
    first: tuple[Step, ...] = ()
    then: tuple[Step, ...] = ()


def ex(value: Any, others: dict[str, Any] | None = None, first=(), then=()) -> Example:
    return Example(value, others or {}, tuple(first), tuple(then))


def req(request: str, /, **members: Any) -> dict[str, Any]:
    return {"req": request} | members


def put(data: bytes) -> Step:
    def act(desk):
        encoded = cobs_encode(data)
        desk.ask("card.binary.put", cobs=len(encoded))
        desk.send(encoded + b"\n")

    return act


def world(**values: Any) -> Step:
    return lambda desk: [setattr(desk.notecard.world, name, v) for name, v in values.items()]


def attach(**values: Any) -> Step:
    return lambda desk: [setattr(desk.notecard.attached, name, v) for name, v in values.items()]


def pulse(name: str) -> Step:
    def act(desk):
        desk.notecard.card.pins.drive(name, True)
        desk.wait(2)
        desk.notecard.card.pins.drive(name, False)
        desk.wait(2)

    return act


def offer(desk) -> None:
    desk.notecard.hub.add_firmware("app.bin", b"firmware" * 9000, "1.2.3", "")
    desk.notecard.hub.offer_firmware("app.bin", [""])
    desk.ask("hub.sync")
    desk.wait(3)


def brown_out(desk) -> None:
    desk.notecard.transactions.brown_out(desk.now_ms)
    desk.wait(5)


def inbound(desk) -> None:
    desk.notecard.hub.add_note("data.qi", {})


def raw(desk) -> None:
    desk.send(cobs_encode(b"def") + b"\n")


def signal(desk) -> None:
    desk.notecard.hub.send_signal({"n": 1})
    desk.wait(3)


PERIODIC = req("hub.set", mode="periodic")
OFFLINE = req("hub.set", mode="minimum")
GPS = req("card.location.mode", mode="periodic", seconds=60)
TRACK = req("card.location.track", start=True)
TEMPLATE = req("note.template", file="data.qo", body={"n": 14})
GPIO = req("card.aux", mode="gpio", usage=["off", "low", "high", "count"])
MOVE = (world(moving=True), 130, world(moving=False))
DB = req("note.add", file="a.db", note="x", body={"v": 1})
USB = (world(volts=5.1), 5)
BATTERY = (world(volts=3.4), 5)
WIFI_ONLY = "NOTE-ESP"


def sagging(desk) -> None:
    """A supply that sinks: the average is above the reading."""
    plain = desk.notecard.world
    start_ms = desk.notecard.card.clock.utc_ms

    class Sagging(type(plain)):
        __slots__ = ()

        def volts_at(self, utc_ms):
            return 3.9 - max(0, utc_ms - start_ms + 600_000) / 6e6

    plain.__class__ = Sagging
