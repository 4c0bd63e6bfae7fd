"""One measured number of a gate, what it had to be, and whether it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Sample = Mapping[str, str | int | float | bool]
Samples = Sequence[Sample]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number, what it had to be, and whether it was."""

    name: str
    value: str
    wanted: str
    met: bool


def at_least(name: str, value: float, least: float, unit: str = "") -> Figure:
    """A figure that must not be smaller."""
    return Figure(name, f"{value:g}{unit}", f"at least {least:g}{unit}", value >= least)


def at_most(name: str, value: float, most: float, unit: str = "") -> Figure:
    """A figure that must not be greater."""
    return Figure(name, f"{value:g}{unit}", f"at most {most:g}{unit}", value <= most)


def below(name: str, value: float, limit: float, unit: str = "") -> Figure:
    """A figure that must be smaller."""
    return Figure(name, f"{value:g}{unit}", f"less than {limit:g}{unit}", value < limit)


def exactly(name: str, value: float, wanted: float, unit: str = "") -> Figure:
    """A figure that must be met."""
    return Figure(name, f"{value:g}{unit}", f"{wanted:g}{unit}", value == wanted)
