"""Fit an environment to a recording of one's own: which of the known ones is most like it.

The truth says where things were: CSV of `unix_ms,mac,metres,facing_deg`; a row holds for its tag
until the next one.  `facing_deg` is how far the wearer is turned away from the tag; empty where
nobody wears the badge.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from badge.errors import InputError
from badge.host.documents import read_text
from sim.calibration import estimators
from sim.sources.open import read_adverts
from sim.world.adverts import Tag
from sim.world.environments import BENCH, ENVIRONMENTS, Environment
from sim.world.place import Floats, Spot, Times
from sim.world.radio import Radio, Receiver

COLUMNS = ("unix_ms", "mac", "metres", "facing_deg")
LEAST = 100  # samples: below, an environment is a guess
SEEDS = 12
APART = 2.0  # of the farthest and the nearest distance: below, no exponent can be told
ALIKE = {"front to back": 3.0, "within a place": 1.0, "between places": 1.5, "5 s maxima": 1.0}
"""How many dB of each count as one: its spread between equal places."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Samples with the truth about them; `place` numbers the rows of the truth."""

    t_ms: Times
    tag: Times
    place: Times
    metres: Floats
    facing_rad: Floats
    rssi: Floats

    @property
    def worn(self) -> bool:
        """Say whether somebody wears the badge."""
        return bool(np.isfinite(self.facing_rad).all())


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a recording comes to: its figures, each environment's distance, and the fit itself."""

    figures: dict[str, float]
    distances: dict[str, float]
    environment: Environment
    like: str
    exponent_told: bool

    def yaml(self) -> str:
        """Set the fit as the `site` of a scenario."""
        own, known = asdict(self.environment), asdict(ENVIRONMENTS[self.like])
        moved = {key: value for key, value in own.items() if value != known[key]}
        lines = ["site:", "  environment:", f"    like: {self.like}"]
        lines += [f"    {key}: {value}" for key, value in moved.items()]
        return "\n".join(lines) + "\n"


def read_truth(path: Path) -> list[tuple[int, str, float, float]]:
    """Read the truth: InputError with the line on anything else."""
    try:
        text = read_text(path)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None
    except InputError as error:
        raise InputError(f"{error}; write CSV of {','.join(COLUMNS)}") from None
    rows = _cells(path, csv.reader(text.splitlines()))
    if tuple(next(rows, ())) != COLUMNS:
        raise InputError(f"{path} line 1: the columns must be {','.join(COLUMNS)}")
    found = [_row(path, number, row) for number, row in enumerate(rows, start=2) if row]
    if not found:
        raise InputError(f"{path}: there is no row under the header; say where the tags were")
    return sorted(found)


def _cells(path: Path, rows: Iterator[list[str]]) -> Iterator[list[str]]:
    try:
        yield from rows
    except csv.Error as error:  # a cell of more than 128 KiB, among others
        raise InputError(f"{path}: not CSV ({error}); write {','.join(COLUMNS)}") from None


def _row(path: Path, number: int, row: list[str]) -> tuple[int, str, float, float]:
    try:
        t_ms, mac, metres, facing = row
        read = int(t_ms), mac.upper(), float(metres), math.radians(float(facing or "nan"))
    except ValueError:
        raise InputError(f"{path} line {number}: not a row of {','.join(COLUMNS)}") from None
    if not 0.0 < read[2] <= 100.0:
        raise InputError(f"{path} line {number}: {row[2]} m is not above 0 and up to 100")
    return read


def place(recording: Path, truth: Path) -> Placed:
    """Join a recording with its truth; what nobody places is left out."""
    told = read_truth(truth)
    adverts = read_adverts(recording)
    macs = sorted({mac for _, mac, _, _ in told})
    columns: list[tuple[int, int, int, float, float, int]] = []
    rows = {mac: [(n, one) for n, one in enumerate(told) if one[1] == mac] for mac in macs}
    begins = {mac: [one[0] for _, one in mine] for mac, mine in rows.items()}
    for one in adverts.sightings:
        mine = begins.get(one.mac)
        index = -1 if mine is None else int(np.searchsorted(mine, one.utc_ms, side="right")) - 1
        if index >= 0:
            number, (_, _, metres, facing) = rows[one.mac][index]
            tag = macs.index(one.mac)
            columns.append((one.utc_ms, tag, number, metres, facing, one.rssi_dbm))
    if len(columns) < LEAST:
        raise InputError(
            f"{recording}: {len(columns)} samples of tags that {truth} places; at least {LEAST} "
            "are needed: record longer, or see whether clocks and MACs of both files agree"
        )
    t_ms, tag_of, place_of, metres_of, facing_of, rssi = zip(*sorted(columns), strict=True)
    return Placed(
        np.array(t_ms) - t_ms[0],
        np.array(tag_of),
        np.array(place_of),
        np.array(metres_of),
        np.array(facing_of),
        np.array(rssi, dtype=np.float64),
    )


def figures_of(placed: Placed, exponent: float) -> dict[str, float]:
    """Give what tells environments apart, in dB, of samples less their path loss."""
    flat = placed.rssi + 10.0 * exponent * np.log10(placed.metres)
    spots = placed.tag * 100_000 + np.round(placed.metres * 100.0).astype(np.int64)
    found = {"within a place": estimators.scatter_db(placed.place, flat)}
    cycles = [
        estimators.cycle_maxima(placed.t_ms[mine], flat[mine])
        for mine in (placed.place == number for number in np.unique(placed.place))
    ]
    found["5 s maxima"] = float(np.sqrt(np.mean([one.var() for one in cycles])))
    if len(np.unique(spots)) >= 3:
        found["between places"] = float(np.std(estimators.means_by(spots, flat), ddof=1))
    facings = np.nan_to_num(placed.facing_rad, nan=0.0)
    ways = np.round(np.degrees(facings) % 360.0).astype(np.int64)
    if placed.worn and len(np.unique(ways)) >= 4:
        found["front to back"] = estimators.front_to_back_db(ways, flat)
    return found


def path_loss(placed: Placed, otherwise: float) -> tuple[float, bool]:
    """Give the exponent, and whether distances differ enough to tell it (else `otherwise`)."""
    near, far = float(placed.metres.min()), float(placed.metres.max())
    if far < APART * near:
        return otherwise, False
    decades = 10.0 * np.log10(placed.metres)
    slope = float(np.polyfit(decades, placed.rssi, 1)[0])
    return round(min(max(-slope, 1.0), 6.0), 2), True


def fit(placed: Placed) -> Fitted:
    """Say which environment is most like a recording, and fit level, exponent, body to it."""
    found: dict[str, float] = {}
    distances: dict[str, float] = {}
    simulated: dict[str, dict[str, float]] = {}
    for name, env in ENVIRONMENTS.items():
        if placed.worn and env is BENCH:  # nobody is near a bench
            continue
        exponent, _ = path_loss(placed, env.exponent)
        found = figures_of(placed, exponent)
        many = [figures_of(again(placed, env, seed), env.exponent) for seed in range(SEEDS)]
        simulated[name] = {key: float(np.mean([one[key] for one in many])) for key in found}
        gaps = [(simulated[name][key] - found[key]) / ALIKE[key] for key in found]
        distances[name] = round(float(np.sqrt(np.mean(np.square(gaps)))), 2)
    like = min(distances, key=lambda name: distances[name])
    known = ENVIRONMENTS[like]
    exponent, told = path_loss(placed, known.exponent)
    level = float((placed.rssi + 10.0 * exponent * np.log10(placed.metres)).mean())
    shown = simulated[like].get("front to back")
    body = known.body_db
    if shown is not None:
        body = round(min(max(body * found["front to back"] / shown, 0.0), 40.0), 1)
    level += body / 2.0 if placed.worn else 0.0
    own = replace(
        known,
        name="own",
        source="badge calibrate",
        rssi_1m_dbm=round(min(max(level, -100.0), -20.0), 1),
        exponent=exponent,
        body_db=body,
    )
    return Fitted(found, distances, own, like, told)


class _Turned:
    """A `Facing` that looks where the truth says, at each sample's own time."""

    def __init__(self, t_ms: Times, heading_rad: Floats) -> None:
        self._t_ms, self._heading_rad = t_ms, heading_rad

    def heading_at(self, t_ms: Times) -> Floats:
        """Give the heading in radians."""
        index = np.clip(self._t_ms.searchsorted(t_ms, side="right") - 1, 0, None)
        heading: Floats = self._heading_rad[index]
        return heading


def again(placed: Placed, env: Environment, seed: int) -> Placed:
    """Hear the same samples at the same times and places in an environment of the world."""
    rssi = np.empty(len(placed.rssi))
    radio = Radio(seed, env)
    for metres, tag in sorted(set(zip(placed.metres.tolist(), placed.tag.tolist(), strict=True))):
        mine = (placed.metres == metres) & (placed.tag == tag)
        t_ms = placed.t_ms[mine]
        angle = 2.399963 * (seed + tag) + metres
        at = Spot(50.0 + metres * math.cos(angle), 30.0 * (tag + 1) + metres * math.sin(angle))
        where = Spot(50.0, 30.0 * (tag + 1))
        facing = None
        if placed.worn:  # away from the tag by as much as the truth says
            facing = _Turned(t_ms, placed.facing_rad[mine] + angle + math.pi)
        badge = Receiver("own", at, facing)
        number = np.arange(len(t_ms))
        rssi[mine] = radio.levels(t_ms, number, number % 3, Tag(f"own {tag}"), where, badge)
    return replace(placed, rssi=rssi)


def sentences(fitted: Fitted) -> Sequence[str]:
    """Say in words what was found."""
    order = sorted(fitted.distances, key=lambda name: fitted.distances[name])
    said = [f"most like: {fitted.like} (then {', '.join(order[1:])})"]
    if not fitted.exponent_told:
        said.append(
            f"the distances are too alike to tell an exponent: that of {fitted.like}, "
            f"{fitted.environment.exponent:g}, is kept"
        )
    return said
