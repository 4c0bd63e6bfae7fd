"""The exit gates of contract section 5: what is asked, what was measured, and the verdict."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from hil.clock import Clock, SystemClock
from hil.gates import law
from hil.gates.figures import Figure, Samples
from hil.gates.hands import Hands
from hil.gates.places import LatLon

TITLES = {
    "1": "72 h continuous: five badges online, no reboot, event count as expected",
    "2": "GPS: 30 samples, at least 85 % within 15 m of the surveyed point",
    "3": "BLE: 100 cycles, at least 85 % detect the tag at 5 m and less than 50 % at 10 m",
    "4": "Uploads: 8 h, at least 95 % end in a confirmed 202",
    "5": "Power cut with 50 events queued: 50 of 50 arrive",
    "outage": "4-hour outage: nothing lost",
}


@dataclass(frozen=True, slots=True)
class GateOptions:
    """What gates that run by the clock are asked: where, with which tag, for how long.

    `hours` shortens gates 1, 4 and the outage; the figure `hours` then says so.
    """

    at: LatLon | None = None
    tag: str | None = None
    metres: Sequence[int] = (law.SURE_M, law.BEYOND_M)
    hours: float | None = None
    hands: Hands = lambda words: None
    say: Callable[[str], None] = lambda text: None
    clock: Clock = field(default_factory=SystemClock)
    unix_s: Callable[[], float] = time.time


@dataclass(frozen=True, slots=True)
class Measurement:
    """Figures and the samples behind them; `notes` say what the samples do not show.

    `shares` is gate 3's: of the cycles at each distance in metres, how many detect the tag.
    """

    figures: tuple[Figure, ...]
    samples: Samples = ()
    shares: Mapping[int, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GateResult:
    """What a gate came to, under its key."""

    key: str
    measured: Measurement
    seconds: float = 0.0

    @property
    def figures(self) -> tuple[Figure, ...]:
        """What was measured."""
        return self.measured.figures

    @property
    def samples(self) -> Samples:
        """The single measurements behind the figures."""
        return self.measured.samples

    @property
    def passed(self) -> bool:
        """Whether every figure is met."""
        return all(figure.met for figure in self.figures)

    @property
    def title(self) -> str:
        """The gate in the contract's words."""
        return TITLES[self.key]


Tell = Callable[[float, str], None]
Gate = Callable[[Tell], Measurement]


def silent(share: float, words: str) -> None:
    """Tell nobody how far it is."""


@dataclass(slots=True)
class Trial:
    """Gates that can be run somewhere: `where` in words, `gates` by their key."""

    where: str
    gates: Mapping[str, Gate]
    firmware_version: str = "1.0.0"
    begun: str = ""  # UTC, where the clock matters
    results: list[GateResult] = field(default_factory=list)

    def run(self, key: str, tell: Tell = silent) -> GateResult:
        """Run one gate; `tell` hears how far it is, 0…1 and in words."""
        begun_s = time.perf_counter()
        measured = self.gates[key](tell)
        result = GateResult(key, measured, time.perf_counter() - begun_s)
        self.results.append(result)
        return result

    @property
    def passed(self) -> bool:
        """Whether all that was run has passed."""
        return all(result.passed for result in self.results)
