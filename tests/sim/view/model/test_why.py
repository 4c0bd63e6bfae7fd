from badge.config import BadgeConfig
from badge.inputs import Assign, Battery, Boot, UploadAnswer, UtcLearned
from badge.recording.format import Happened, Header
from sim.view.model.trace import trace
from sim.view.model.why import Causes

HEADER = Header(BadgeConfig(device_id="ACT-00000001"), "0.3.0")
UNIX_MS = 1_770_000_000_000


def causes(*more):
    lines = [Happened(0, Boot()), Happened(10, UtcLearned(UNIX_MS)), *more]
    found = Causes()
    requests = []
    for step in trace(HEADER, lines, flash=True):
        found.take(step)
        requests += [e.request for e in step.effects if type(e).__name__ == "Upload"]
    return found, requests


def test_a_cause_names_input_row_number_flash_batch_and_answer():
    _, (request, *_) = causes(Happened(61_000, Assign("Ana")))
    found, _ = causes(Happened(61_000, Assign("Ana")), Happened(62_000, UploadAnswer(request, 202)))
    reboot, shift = found.by_number[1], found.by_number[2]
    assert reboot["input"] == {"type": "boot"}
    assert shift["input"] == {"type": "assign", "worker_id": "Ana"}
    row = {"machine": "shift", "state": "unassigned", "fact": "assigned", "next": "active"}
    assert row.items() <= shift["rows"][0].items()
    assert all(write["bytes"] > 0 for write in shift["flash"])
    (sent,) = reboot["sent"]
    assert (sent["request"], sent["first"], sent["answer"]["status"]) == (request, 1, 202)
    assert found.accepted_ms[1] == 62_000


def test_what_was_refused_has_its_reason_and_is_not_accepted():
    _, (request, *_) = causes(Happened(61_000, Assign("Ana")))
    answer = UploadAnswer(request, 207, rejected=((1, "unknown field: x"),))
    found, _ = causes(Happened(61_000, Assign("Ana")), Happened(62_000, answer))
    assert found.by_number[1]["sent"][0]["answer"]["rejected"] == "unknown field: x"
    assert 1 not in found.accepted_ms
    assert found.rejected == {"unknown field: x": 1}
    assert found.by_number[1]["notices"][0]["about"] == "quarantined"


def test_what_falls_due_by_itself_is_a_deadline():
    found, _ = causes(Happened(61_000, Assign("Ana")), Happened(200_000, Battery(90)))
    assert {"type": "deadline"} in [cause["input"] for cause in found.by_number.values()]
