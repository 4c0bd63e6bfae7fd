from __future__ import annotations

from sim.notecard.model.outputs import Fetched
from sim.notecard.notehub.delivery import RETRY_AFTER_MS, Deliveries
from sim.notecard.notehub.routes import EventRoute


def test_each_attempt_is_logged_and_the_last_gives_up():
    sent, told = [], []
    deliveries = Deliveries(
        [EventRoute("http://x/in")], lambda *it: sent.append(it) or len(sent), told.append
    )
    deliveries.publish({"event": "e", "file": "a.qo"}, 0)
    now_ms = 0
    for wait_ms in RETRY_AFTER_MS:
        deliveries.answered(Fetched(len(sent), 503), now_ms)
        now_ms = deliveries.next_deadline_ms
        assert wait_ms <= now_ms
        deliveries.retry(now_ms)
    deliveries.answered(Fetched(len(sent), 0, reason="no connection"), now_ms)
    assert (deliveries.counts.retried, deliveries.counts.failed) == (3, 1)
    assert [log.status for log in deliveries.logs] == ["503", "503", "503", ""]
    assert deliveries.idle
    assert told[-1].endswith("given up")
