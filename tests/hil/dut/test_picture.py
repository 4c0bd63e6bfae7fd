from badge.recording.format import Wrote
from hil.dut.judge import judge_events
from hil.dut.picture import findings_of, keep_judged

EVENT = {
    "device_id": "ACT-00000001",
    "firmware_version": "0.1.0",
    "event_type": "upload_heartbeat",
    "timestamp_utc": "2026-03-14T10:42:00Z",
    "sequence_number": 1,
    "payload": {},
}
LATER = {**EVENT, "timestamp_utc": "2026-03-14T11:42:00Z", "sequence_number": 2}


def test_findings_have_utc_and_the_ms_of_the_stimulus_on_either_side():
    verdict = judge_events([Wrote(5000, EVENT)], [EVENT, LATER])
    (extra,) = findings_of(verdict)
    assert (extra["kind"], extra["at"], extra["ms"]) == ("extra", LATER["timestamp_utc"], 3_605_000)
    verdict = judge_events([Wrote(5000, EVENT), Wrote(3_605_100, LATER)], [EVENT])
    (missing,) = findings_of(verdict)
    assert missing["ms"] == 3_605_100


def test_numbers_that_json_does_not_have_are_words():
    broken = {**LATER, "payload": {"x": float("nan")}}
    (one, *_) = findings_of(judge_events([Wrote(5000, EVENT)], [EVENT, broken]))
    assert one["logged"]["payload"]["x"] == "NaN"


def test_both_sides_are_kept_as_a_page(tmp_path):
    verdict = judge_events([Wrote(5000, EVENT)], [LATER])
    keep_judged(verdict, [LATER], tmp_path / "x.html")
    assert "<!doctype html>" in (tmp_path / "x.html").read_text()
