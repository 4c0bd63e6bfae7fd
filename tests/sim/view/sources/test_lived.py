from badge.effects import Upload
from badge.inputs import Boot, UploadAnswer
from sim.view.model.trace import TracedStep
from sim.view.sources.lived import LivedEvents

A = "ACT-00000001"
EVENT = {"device_id": A, "event_type": "reboot", "sequence_number": 1, "payload": {}}


def step(ms, what=None, effects=(), numbers=range(0)):
    return TracedStep(ms, what, (), tuple(effects), numbers, "unassigned", 1, ())


def lived():
    found = LivedEvents()
    found.telling(A).take(step(5, Boot("power_on"), numbers=range(1, 2)))
    found.logged(A, EVENT, 5)
    return found


def test_an_event_waits_until_its_answer_came_and_is_settled_once():
    one = lived()
    assert one.settled() == []
    telling = one.telling(A)
    telling.take(step(10, effects=[Upload(7, b"", 1, 1, 1)]))
    telling.take(step(20, UploadAnswer(7, 202)))
    ((at, fate),) = one.settled()
    assert (at, fate.word, fate.lag_s) == (0, "delivered", 0.015)
    assert one.settled() == []


def test_what_lasts_is_drawn_up_to_now_and_again_later():
    one = lived()
    first = one.so_far().lanes.spans
    one.telling(A).take(step(90))
    later = one.so_far().lanes.spans
    assert max(span[1] for span in first) == 5
    assert max(span[1] for span in later) == 90
    assert len(first) == len(later)
    assert one.retold(A).end_ms == 90
    assert one.retold("other") is None
