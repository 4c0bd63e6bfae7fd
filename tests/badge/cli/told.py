"""What the captures are told in place of what a machine, a radio or the clock would tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from unittest.mock import patch


def _attached(stack: ExitStack) -> None:
    from hil.probe.probe import FoundPart

    card = "Notecard NOTE-MBGLW notecard-11.1.1.17494, dev:864475046000001"
    state = "com.example:badge, periodic; online; time known; 3.90 V; GPS off"
    parts = [
        FoundPart("card", "serial:/dev/ttyACM0", card, state),
        FoundPart(
            "card", "i2c:/dev/i2c-1:0x17", "no answer", "no Notecard answers there", ok=False
        ),
        FoundPart("port", "serial:/dev/ttyUSB0", "FTDI FT232R (0403:6001)", "not asked"),
        FoundPart("radio", "bleak:hci0", "Bluetooth 00:1A:7D:DA:71:13", "powered"),
    ]
    stack.enter_context(patch("hil.probe.probe.probe", lambda asked: parts))


def _fitted(stack: ExitStack) -> None:
    from sim.calibration import own
    from sim.world.environments import YARD

    figures = {"within a place": 3.1, "5 s maxima": 2.0, "between places": 4.4}
    distances = {"yard": 0.31, "hall": 1.2, "room": 1.94, "bench": 3.05, "metal": 11.6}
    environment = replace(YARD, rssi_1m_dbm=-61.5)
    fitted = own.Fitted(figures, distances, environment, "yard", exponent_told=False)
    stack.enter_context(patch("sim.calibration.own.place"))
    stack.enter_context(patch("sim.calibration.own.fit", lambda placed: fitted))


def _crashed(stack: ExitStack) -> None:
    from sim.crashtest import cli
    from sim.crashtest.siege import AbuseResult

    def kill(plan, proof):
        proof.kills_under_load, proof.kills_at_start, proof.audits = 200, 20, 221
        proof.events_acknowledged, proof.events_kept = 1_204_310, 1_204_322
        proof.answers.update({"202": 12_050, "cut": 431, "refused": 2_207})
        proof.start_s, proof.wall_s, proof.delivered = [0.5, 0.7, 0.6], 1_904.2, True

    def besiege(siege):
        siege.results += [
            AbuseResult("200 connections at once", (202,), (202, 202, 503), 0.5),
            AbuseResult("no key", (401,), (401,), 0.1),
            AbuseResult("a connection that says nothing", (0,), (0,), 3.0),
        ]

    stack.enter_context(patch.object(cli, "_kill", kill))
    stack.enter_context(patch.object(cli, "_besiege", besiege))


FIXED: dict[str, tuple[list[str], Callable[[ExitStack], None]]] = {
    "probe": (["probe"], _attached),
    "calibrate": (["calibrate", "yard.csv", "--truth", "truth.csv"], _fitted),
    "crashtest": (["crashtest", "--seed", "7"], _crashed),
}
"""The command, and what it is told; its table and its words are its own."""


@contextmanager
def fixed(name: str) -> Iterator[None]:
    """Tell a capture's command what it is to be told, if anything."""
    with ExitStack() as stack:
        if name in FIXED:
            FIXED[name][1](stack)
        yield
