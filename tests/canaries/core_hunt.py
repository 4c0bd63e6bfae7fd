"""The checks that seeded bugs of the badge in C must not survive, in the order in which they run.

python -m tests.canaries.core_hunt      with BADGE_C_CORE: print the first check that fails, or none
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from badge.errors import BadgeError
from badge.inputs import (
    Assign,
    Boot,
    ConfigPush,
    FirmwareOffer,
    GpsFix,
    Movement,
    ScanResult,
    Tick,
    UploadAnswer,
    UtcLearned,
)
from tests.badge.host.core.test_store import (
    cut_everywhere,
    test_a_flipped_bit_is_put_right_for_good,
)
from tests.badge.host.twins import GEOMETRIES, Twins, faulty
from tests.badge.story import MACS, START_UNIX_MS, random_steps, story_config

STORIES = 24


def stories() -> None:
    """Long stories, and swaps of the flash images."""
    for seed in range(STORIES):
        rng = Random(seed)
        twins = Twins(story_config(upload_interval_s=300), GEOMETRIES[seed % 4])
        for step in random_steps(seed, 150):
            twins.step(step)
            if seed % 2 and rng.random() < 0.05:
                twins.swap()
        twins.compare()


def _working(**changes: object) -> Twins:
    twins = Twins(story_config(upload_interval_s=300, **changes))
    twins.give(UtcLearned(START_UNIX_MS))
    twins.give(Assign("W-007"))
    return twins


def answers() -> None:
    """Two reasons for one event."""
    twins = _working()
    twins.now = 60_000
    twins.give(Tick())
    upload = twins.uploads[-1]
    number = upload.first_sequence
    twins.give(UploadAnswer(upload.request, 207, ((number, "one"), (number, "two"))))
    twins.compare()


def moments() -> None:
    """A poll that times out five minutes after the last fix, since movement chose its moment."""
    twins = _working()
    twins.now = 1
    twins.give(GpsFix(33.749, -84.388))
    twins.now = 290_000
    twins.give(Movement(True))
    twins.now = 300_001
    twins.give(Tick())
    twins.compare()


def samples() -> None:
    """Several samples of a tag in one cycle, the strongest first."""
    twins = _working()
    for _ in range(4):
        twins.now += 5000
        twins.give(ScanResult(((MACS[0], -50), (MACS[0], -90), (MACS[1], -90), (MACS[1], -60))))
    twins.compare()


def trials() -> None:
    """New firmware whose first batch is refused whole, and then one that is taken."""
    for refused in (True, False):
        twins = _working()
        twins.give(FirmwareOffer("9.9.9"))
        twins.give(Boot("firmware_update"))
        twins.give(UtcLearned(START_UNIX_MS))
        twins.now = 60_000
        twins.give(Tick())
        upload = twins.uploads[-1]
        numbers = range(upload.first_sequence, upload.last_sequence + 1)
        rejected = tuple((number, "no") for number in numbers) if refused else ()
        twins.give(UploadAnswer(upload.request, 207, rejected))
        twins.now = 700_000
        twins.give(Tick())
        twins.give(Boot("watchdog"))
        twins.compare()


def texts() -> None:
    """Every character below a space, and those that JSON escapes."""
    twins = Twins(story_config(), GEOMETRIES[2])
    twins.give(UtcLearned(START_UNIX_MS))
    twins.give(Assign("".join(map(chr, range(1, 36))), "\\ é 😀"))
    twins.now = 60_000
    twins.give(Tick())
    twins.compare()


def positions() -> None:
    """Positions on the grid's edges; estimates in the middle between two tenths."""
    for hdop in (0.05, 0.25, 0.45, 1.25, 2.75):
        twins = _working(gps_uere_m=1.0)
        twins.give(GpsFix(-89.9999995, 179.9999995, hdop=hdop))
        twins.compare()


def settings() -> None:
    """One below, at and above every bound."""
    twins = Twins(story_config())
    for value in (-128, -127, -1, 0, 1, 100, 101, 500, 501, 1000, 1001, 604_800, 604_801):
        for key in ("gps_interval_s", "ble_rssi_threshold", "shutdown_pct", "batch_events_max"):
            twins.give(ConfigPush({key: value}))
    twins.compare()


def faults() -> None:
    """Stuck cells, told in the middle of the effects."""
    for seed in range(300, 330):
        twins = faulty(seed)
        twins.compare()


def cuts() -> None:
    """Cuts of a whole life, at a stride."""
    cut_everywhere("small", 1, 0, 97)


def rot() -> None:
    """A flipped bit in every byte of an event."""
    test_a_flipped_bit_is_put_right_for_good()


CHECKS: tuple[Callable[[], None], ...] = (
    stories,
    answers,
    moments,
    samples,
    trials,
    texts,
    positions,
    settings,
    faults,
    rot,
    cuts,
)


def first_that_fails() -> str:
    """Return the name of the first check that fails, or "none"."""
    for check in CHECKS:
        try:
            check()
        except (AssertionError, BadgeError, ValueError, UnicodeError):
            return check.__name__
    return "none"


if __name__ == "__main__":
    print(first_that_fails())
