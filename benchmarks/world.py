"""What a call of the world's models costs: python benchmarks/world.py

Each line: microseconds a call, and its ratio to numpy drawing as many normal numbers as the
call gives results (in one draw).  The ratio is what carries from machine to machine.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import numpy as np

from sim.calibration.plots import Turning
from sim.engine.draws import draws
from sim.engine.streams import stream
from sim.world.adverts import Tag
from sim.world.battery import Battery, Cell
from sim.world.coverage import Coverage, upload_duration_ms
from sim.world.gnss import Gnss
from sim.world.place import Spot
from sim.world.power import Activity, current_ua
from sim.world.radio import Radio, Receiver
from sim.world.site import Plane, Site, area
from sim.world.walker import Walker

ROUNDS = 5
RNG = np.random.default_rng(1)


def cost_us(call: Callable[[int], object], calls: int) -> float:
    """Give the microseconds a call takes: the best of five rounds, `call` gets its number."""
    best = math.inf
    for turn in range(ROUNDS):
        begin = time.process_time()
        for number in range(turn * calls, (turn + 1) * calls):
            call(number)
        best = min(best, time.process_time() - begin)
    return best / calls * 1e6


def radio_us(radio: Radio, tag: Tag, badge: Receiver, cycles: int) -> float:
    """Give the cost of asking for that many cycles at once, going on through the day."""
    spot, span_ms = Spot(9.0, 4.0), cycles * 5000
    return cost_us(
        lambda n: radio.strongest(n * span_ms % 28_000_000, cycles, tag, spot, badge),
        max(240 // cycles, 20),
    )


def draw_us(results: float) -> float:
    """Give the microseconds of drawing that many normal numbers, at the rate of a long draw."""
    return cost_us(lambda _: RNG.standard_normal(10_000), 20) / 10_000 * results


def line(what: str, call_us: float, results: float) -> None:
    """Print one line of the table."""
    print(f"{what:44s} {call_us:9.2f} us {call_us / draw_us(results):9.0f} x")


def main() -> None:
    """Print the table."""
    print(f"{'one call':44s} {'cost':>12s} {'to a draw':>11s}")
    tag = Tag("AA:BB:CC:DD:EE:FF")
    badge = Receiver("badge", Spot(0.0, 0.0), Turning())
    field = area("yard", "parcel", [(0, 0), (60, 0), (60, 40), (30, 20), (0, 40)])
    walker = Walker(draws(1, "worker"), (5.0, 5.0), 0)
    day = walker.work(field, 8 * 3_600_000).journey()
    moving = Receiver("worker", day, day)
    for cycles in (1, 12, 120):
        for who, name in ((badge, "resting"), (moving, "working")):
            us = radio_us(Radio(1), tag, who, cycles)
            line(f"radio, a (tag, cycle) of {cycles}, {name}", us / cycles, 11.7)
    radio = Radio(1)
    far = Spot(5000.0, 0.0)
    line(
        "radio, tag out of reach",
        cost_us(lambda n: radio.strongest(n, 12, tag, far, badge), 500),
        1,
    )
    plane = Plane(45.0, 15.0)
    gnss = Gnss(draws(1, "gnss"), plane)
    gnss.power_on(0)
    line("gnss, a poll", cost_us(lambda n: gnss.poll(n * 15_000, 0.0, 0.0, "open"), 2000), 3)
    line("journey, position_at", cost_us(lambda n: day.position_at(n * 1000), 2000), 1)
    line("journey, moving_at", cost_us(lambda n: day.moving_at(n * 1000), 2000), 1)
    site = Site(plane, (field, area("shed", "indoor", [(9, 9), (9, 12), (12, 12)])))
    line("site, sky_at (one area)", cost_us(lambda n: site.sky_at(n % 60, 10.0), 2000), 1)
    air = Coverage(1)
    line("coverage, link_at", cost_us(lambda n: air.link_at(n, n % 100, 0.0), 2000), 1)
    link, rng = air.link_at(0, 0.0, 0.0), stream(1, "posts")
    line(
        "coverage, upload_duration_ms", cost_us(lambda n: upload_duration_ms(n, link, rng), 2000), 2
    )
    battery = Battery(Cell())
    line(
        "power, current and drain",
        cost_us(lambda n: battery.drain(current_ua(Activity(gps=n % 2 == 0)), 1000), 2000),
        1,
    )
    line("battery, percent", cost_us(lambda _: battery.percent(5.0), 2000), 1)
    line("streams, open one", cost_us(lambda n: stream(1, "badge", n), 500), 1)


if __name__ == "__main__":
    main()
