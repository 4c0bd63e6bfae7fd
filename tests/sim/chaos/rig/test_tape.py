"""The last boot as a recording that `badge replay` takes."""

from __future__ import annotations

from badge.config import BadgeConfig
from badge.inputs import Battery, Boot, Tick, UtcLearned
from badge.storage.memory import MemoryStore
from sim.chaos.rig.tape import Tape, TapedBadge
from tests.command import call

CONFIG = BadgeConfig(device_id="ACT-00000001")


def test_what_a_boot_was_given_replays_to_what_it_logged(tmp_path):
    tape, store = Tape(CONFIG, "0.1.0"), MemoryStore()
    for start_ms in (0, 1_000_000):  # of two boots, the last is kept
        tape.starts(store)
        badge = TapedBadge(tape, CONFIG, store, "0.1.0")
        badge.receive(Boot(), start_ms)
        badge.receive(UtcLearned(1_773_470_820_000 + start_ms), start_ms + 10)
        badge.receive(Battery(9), start_ms + 20)
        badge.receive(Tick(), start_ms + 60_000)
    path = tmp_path / "boot.ndjson"
    tape.write(path, "seed 1")
    text = path.read_text()
    assert '"note":"seed 1"' in text
    assert "tick" not in text
    assert text.count('"type":"boot"') == 1
    assert call("replay", path).code == 0
