"""One badge through the in-memory store, against what JSON alone costs on the same machine.

The load is a whole shift (`shift_load.py`): about seven inputs per event, batches encoded.  Times
are CPU seconds of one core, the best of interleaved rounds, so that a busy machine disturbs all
sides alike.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable

import orjson

from badge import Badge, BadgeConfig
from badge.effects import Upload
from badge.inputs import Input, UploadAnswer
from badge.recording.format import Happened, Header
from badge.recording.playback import replay
from benchmarks.shift_load import TAGS, shift

ROUNDS = 12
CONFIG = BadgeConfig(device_id="ACT-3F8A21B4", known_equipment_tags=list(TAGS))
Load = list[tuple[int, Input]]


def run_badge(load: Load) -> tuple[int, int, list[bytes]]:
    """Return (inputs, events, batches) of a shift whose uploads are all accepted."""
    receive = Badge(CONFIG).receive
    inputs = events = 0
    batches: list[bytes] = []
    for ms, what in load:
        pending = [what]
        while pending:
            inputs += 1
            for effect in receive(pending.pop(), ms):
                if type(effect) is Upload:
                    events += effect.count
                    batches.append(effect.body)
                    pending.append(UploadAnswer(effect.request, 202))
    return inputs, events, batches


def run_by_hand(events: int) -> None:
    """Do what a user would write: random numbers into dicts, dicts into orjson."""
    draw = random.Random(1).random
    for start in range(0, events, 100):
        orjson.dumps(
            [
                {
                    "device_id": "ACT-3F8A21B4",
                    "firmware_version": "0.1.0",
                    "event_type": "gps",
                    "timestamp_utc": "2026-03-14T08:32:15Z",
                    "sequence_number": start + number,
                    "payload": {
                        "lat": round(33.749 + draw() / 1000, 6),
                        "lon": round(-84.388 + draw() / 1000, 6),
                        "accuracy_m": round(2 + 3 * draw(), 1),
                        "fix_type": "3d",
                    },
                }
                for number in range(min(100, events - start))
            ]
        )


def run_encoding(batches: list[list[dict[str, object]]]) -> None:
    """Encode dicts that are there already."""
    for batch in batches:
        orjson.dumps(batch)


def best_s(*runs: Callable[[], object]) -> list[float]:
    """Return the shortest CPU time of each, in interleaved rounds."""
    best = [float("inf")] * len(runs)
    for _ in range(ROUNDS):
        for place, run in enumerate(runs):
            start = time.process_time()
            run()
            best[place] = min(best[place], time.process_time() - start)
    return best


def start_up_ms(*arguments: str) -> float:
    """Return the shortest wall time of a Python process, less that of an empty one."""
    return min(_wall_ms(arguments) for _ in range(5)) - min(_wall_ms(("-c", "")) for _ in range(5))


def _wall_ms(arguments: tuple[str, ...]) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - start) * 1000


def ratios() -> list[tuple[str, float, float | None]]:
    """Return (label, value, goal)."""
    load = shift(hours=24)
    inputs, events, bodies = run_badge(load)
    ready = [orjson.loads(body) for body in bodies]
    badge_s, hand_s, encoding_s = best_s(
        lambda: run_badge(load), lambda: run_by_hand(events), lambda: run_encoding(ready)
    )
    long = [Happened(ms, what) for ms, what in shift(hours=72)]
    (replay_s,) = best_s(lambda: sum(1 for _ in replay(Header(CONFIG, "0.1.0"), long)))
    return [
        ("inputs per event", inputs / events, None),
        ("inputs/s", inputs / badge_s, 500_000),
        ("events/s", events / badge_s, None),
        ("events/s, as a ratio to the loop by hand", hand_s / badge_s, 0.2),
        ("events/s, as a ratio to encoding ready dicts", encoding_s / badge_s, None),
        ("72 h of one badge replayed, seconds (at most)", replay_s, 2),
        ("import badge, ms (at most)", start_up_ms("-c", "import badge"), 100),
        ("badge --help, ms (at most)", start_up_ms("-m", "badge.cli.main", "--help"), 300),
    ]
