"""Without coverage nothing is answered and nothing is lost."""

from __future__ import annotations

from badge.inputs import Boot, UtcLearned
from sim.engine.clock import Clock
from sim.engine.ports import NoUplink
from tests.sim.engine.rig import START_UNIX_MS, device


def test_the_badge_notices_by_itself_and_keeps_everything():
    clock = Clock()
    made, diary = device(clock=clock, cloud=NoUplink())
    made.receive(Boot())
    made.receive(UtcLearned(START_UNIX_MS))
    clock.run_until(60_000 + 121_000)
    assert made.badge.upload_state == "backoff"
    assert [entry.sequence_number for entry in made.badge.store.queue.entries] == [1]
    assert "UploadAnswer" not in {name for _, name in diary.lines}
    assert NoUplink().trouble is None
