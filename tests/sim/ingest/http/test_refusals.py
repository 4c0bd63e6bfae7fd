"""Why a server refuses, by reason and device; the last bodies, without keys, on demand."""

from __future__ import annotations

import json

from sim.ingest.api.answers import Answer, refused_batch, unauthorized
from sim.ingest.api.ingest import Rules
from sim.ingest.http import refusals as refusals_module
from sim.ingest.http.refusals import KEPT_MAX, KINDS_MAX, NOBODY, Refusals
from sim.ingest.launch import launch_ingest
from sim.net.client import Client

AT = "2026-03-14T08:32:15Z"
BODY = b'[{"device_id": "ACT-3F8A21B4", "note": "ak_3F8A21B4_secret admin_secret"}]'


def partly(*reasons):
    listed = [{"sequence_number": n, "reason": text} for n, text in enumerate(reasons)]
    return Answer(207, {"accepted": 1, "rejected": len(reasons), "rejected_events": listed})


def test_events_of_a_207_and_whole_requests_are_counted_by_reason_and_device():
    refusals = Refusals()
    for device in (b"ACT-00000001", b"ACT-00000002", b"ACT-00000002"):
        raw = b'[{"device_id": "%b"}]' % device
        refusals.note(partly("rssi 20 is above -1", "rssi 7 is above -1"), raw, "", AT)
    refusals.note(unauthorized(), b"", "ak_3F8A21B4_wrong", AT)
    refusals.note(unauthorized(), b"", "", AT)
    refusals.note(Answer(202, {"accepted": 1}), BODY, "", AT)
    assert list(refusals.lines()) == [
        "refused 6 (207): rssi N is above -N: ACT-00000002 4, ACT-00000001 2",
        f"refused 2 (401): Invalid or missing API key: ACT-3F8A21B4 1, {NOBODY} 1",
    ]
    assert sum(row["count"] for row in refusals.rows()) == 8


def test_the_last_bodies_are_kept_without_keys(tmp_path):
    refusals = Refusals(tmp_path)
    for _ in range(KEPT_MAX + 5):
        refusals.note(refused_batch(400, "all_rejected", "no"), BODY, "ak_3F8A21B4_secret", AT)
    kept = sorted(tmp_path.iterdir())
    assert len(kept) == KEPT_MAX
    assert kept[-1].name == f"{KEPT_MAX + 5:06d}-400-ACT-3F8A21B4.json"
    told = json.loads(kept[-1].read_text())
    assert (told["at"], told["status"], told["answer"]["code"]) == (AT, 400, "all_rejected")
    assert "secret" not in kept[-1].read_text()
    assert json.loads(told["body"])[0]["note"] == "(a key) (a key)"


def test_a_disk_that_takes_nothing_is_told_once(tmp_path):
    said = []
    refusals = Refusals(tmp_path / "none", said.append)
    for _ in range(3):
        refusals.note(refused_batch(400, "x", "no"), BODY, "", AT)
    assert len(said) == 1
    assert "no more refused bodies are kept" in said[0]
    assert refusals.counts.total() == 3


def test_what_a_stranger_wrote_is_bounded_and_plain():
    refusals = Refusals()
    for number in range(KINDS_MAX + 50):
        text = "x" * (number % 50) + chr(0x1B) + chr(0x100 + number)
        refusals.note(refused_batch(400, "x", text * 20), BODY, "", AT)
    assert len(refusals.counts) <= KINDS_MAX + 1
    assert all(line.isascii() and line.isprintable() for line in refusals.lines())


def test_a_real_server_keeps_what_it_refused(tmp_path):
    refusals = Refusals(tmp_path)
    with launch_ingest(rules=Rules(open=True), refusals=refusals) as server, Client() as client:
        client.request("POST", f"{server.url}/api/events", b"[]")
        client.request("POST", f"{server.url}/api/events", BODY)
    reasons = {reason for _, reason, _ in refusals.counts}
    assert len(reasons) == 2
    assert len(list(tmp_path.iterdir())) == 2


def test_the_most_frequent_is_told_first_and_how_many_are_left_out():
    refusals = Refusals()
    for number in range(12):
        for _ in range(12 - number):
            refusals.note(refused_batch(400, "x", "n" * (number + 1)), b"", "", AT)
    lines = list(refusals.lines())
    assert lines[0] == f"refused 12 (400): n: {NOBODY} 12"
    assert [len(line.split(": ")[1]) for line in lines[:10]] == list(range(1, 11))
    assert lines[10:] == ["refused for 2 more reasons"]
    for number in range(5):
        raw = b'{"device_id" : "ACT-0000000%d"}' % number
        refusals.note(refused_batch(422, "x", "old"), raw, "ak_3F8A21B4_x", AT)
    told = next(line for line in refusals.lines() if "old" in line)
    assert told.startswith("refused 5 (422): old: ACT-0000000")
    assert told.endswith(" and 2 more devices")
    row = {"status": 400, "reason": "n", "device": NOBODY, "count": 12}
    assert refusals.rows()[0] == row


def test_a_kept_body_is_whole_and_of_a_stranger_none_is_kept(tmp_path):
    refusals = Refusals(tmp_path)
    refusals.note(unauthorized(), b"", "ak_3F8A21B4_x", AT)
    refusals.note(partly("no"), b"\xff prov_secret", "", AT)
    (kept,) = tmp_path.iterdir()
    assert kept.name == "000001-207-nobody.json"
    assert json.loads(kept.read_bytes()) == {
        "at": AT,
        "status": 207,
        "answer": partly("no").body,
        "body": "\\xff (a key)",
    }
    assert kept.read_bytes().endswith(b"}\n")


def test_why_no_more_is_kept_is_told_word_by_word(tmp_path):
    said = []
    refusals = Refusals(tmp_path / "none", said.append)
    refusals.note(refused_batch(400, "x", "no"), BODY, "", AT)
    words = "No such file or directory; no more refused bodies are kept"
    assert said == [f"{tmp_path / 'none'}: {words}"]


def test_a_reason_that_is_missing_is_empty_and_a_long_one_is_cut():
    refusals = Refusals()
    refusals.note(Answer(400, {}), b"", "", AT)
    refusals.note(Answer(207, {"rejected_events": [{}]}), b"", "", AT)
    refusals.note(Answer(207, {}), b"", "", AT)
    refusals.note(Answer(399, {"error": "no refusal"}), b"", "", AT)
    refusals.note(refused_batch(400, "x", 'é"\n' + "y" * 200), b"", "", AT)
    reasons = [reason for _, reason, _ in refusals.counts]
    assert reasons == ["", "", '\\xe9\\"\\n' + "y" * (120 - 8)]


def test_what_is_more_than_can_be_told_apart_goes_by_one_name():
    refusals = Refusals()
    for number in range(KINDS_MAX + 3):
        raw = b'"device_id":"ACT-%08X"' % number
        refusals.note(refused_batch(400, "x", "no"), raw, "", AT)
    refusals.note(refused_batch(400, "x", "no"), b'"device_id":"ACT-00000000"', "", AT)
    assert len(refusals.counts) == KINDS_MAX + 1
    assert refusals.counts[400, "other reasons", "other devices"] == 3
    assert refusals.counts[400, "no", "ACT-00000000"] == 2


def test_counts_that_just_fit_are_told_without_a_rest_and_equal_ones_by_status_and_reason():
    refusals = Refusals()
    for n in range(10, 0, -1):
        for device in range(3):
            raw = b'{"device_id": "ACT-0000000%d"}' % device
            refusals.note(refused_batch(400, "x", "n" * n), raw, "", AT)
    lines = list(refusals.lines())
    devices = "ACT-00000000 1, ACT-00000001 1, ACT-00000002 1"
    assert lines == [f"refused 3 (400): {'n' * n}: {devices}" for n in range(1, 11)]
    raw = b'{"device_id": "ACT-00000007"}'
    refusals.note(refused_batch(400, "x", "n"), raw, "", AT)
    assert next(refusals.lines()) == f"refused 4 (400): n: {devices} and 1 more device"


def test_the_oldest_kept_body_goes_first_also_if_somebody_has_removed_it(tmp_path, monkeypatch):
    monkeypatch.setattr(refusals_module, "KEPT_MAX", 4)
    said = []
    refusals = Refusals(tmp_path, said.append)
    for number in range(7):
        refusals.note(refused_batch(400, "all_rejected", "no"), BODY, "", AT)
        if number == 4:
            assert sorted(tmp_path.iterdir())[0].name.startswith("000002-")
            sorted(tmp_path.iterdir())[0].unlink()
    assert said == []
    assert next(one.name[:6] for one in sorted(tmp_path.iterdir())) == "000004"
    assert len(list(tmp_path.iterdir())) == 4
