"""`badge replay --to`: as a user sees it, also when it is killed in the middle."""

import json
import os
import signal
import subprocess
import sys

import pytest

from sim.net.server import held_port
from tests.command import call, sentence
from tests.sim.traffic.story import record_day, watched, write_lines


@pytest.fixture
def day(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return record_day(tmp_path / "day.ndjson")


def ledger(folder):
    return [json.loads(line) for line in (folder / "requests.ndjson").read_text().splitlines()]


def test_a_recording_goes_out_again_and_every_answer_is_kept(tmp_path, day):
    with watched() as backend:
        said = call(
            "replay", "day.ndjson", "--to", backend.url, "--speed", "max", "--out", "o", "--json"
        )
        assert [json.dumps(b) for b in backend.batches] == [
            json.dumps(json.loads(body)) for _, body in day.sent
        ]
    assert said.code == 0
    assert json.loads(said.out)["answers"] == {"202": len(day.sent)}
    assert [(row["first_sequence"], row["status"]) for row in ledger(tmp_path / "o")] == [
        (json.loads(body)[0]["sequence_number"], 202) for _, body in day.sent
    ]
    assert "is done" in sentence(call("replay", "day.ndjson", "--to", backend.url, "--out", "o"))


def test_killed_in_the_middle_the_same_command_sends_the_rest(tmp_path, day):
    process = []

    def answer(number, events):
        if number == 3:  # it has been sent, and the answer is never heard
            process[0].send_signal(signal.SIGKILL)
            process[0].wait()
        return 202, {}

    with watched(answer) as backend:
        words = ["replay", "day.ndjson", "--to", backend.url, "--speed", "max", "--out", "o"]
        command = [sys.executable, "-m", "badge", *words]
        process.append(subprocess.Popen(command, cwd=tmp_path, env=os.environ))
        assert process[0].wait(120) == -signal.SIGKILL
        assert len(backend.batches) == 3
        assert call(*words).code == 0
        sent = [batch[0]["sequence_number"] for batch in backend.batches]
    wanted = [json.loads(body)[0]["sequence_number"] for _, body in day.sent]
    assert sent == [*wanted[:3], *wanted[2:]]  # only what had no answer is sent twice
    assert [row["first_sequence"] for row in ledger(tmp_path / "o")] == wanted


def test_part_of_it_as_another_device_moved_to_now(tmp_path, day):
    with watched() as backend:
        said = call(
            "replay", "day.ndjson", "--to", backend.url, "--speed", "max", "--out", "o",
            "--from", "07:35", "--until", "07:45", "--devices", "ACT-0000000A=ACT-0000000B",
            "--shift", "+1d", "--api-key", "ak_b",
        )  # fmt: skip
        events = [event for batch in backend.batches for event in batch]
    assert said.code == 0, said.err
    assert {event["device_id"] for event in events} == {"ACT-0000000B"}
    assert all(event["timestamp_utc"].startswith("2026-03-15T07:") for event in events)
    assert 0 < len(events) < len(day.events)
    assert set(backend.keys) == {"ak_b"}


def test_events_alone_become_the_batches_of_their_badge(tmp_path, day):
    write_lines(tmp_path / "events.ndjson", day.events)
    with watched() as backend:
        assert call("replay", "events.ndjson", "--to", backend.url, "--speed", "max").code == 0
        assert backend.numbers == [event["sequence_number"] for event in day.events]
    assert list(tmp_path.glob("replay-*/requests.ndjson"))


def test_a_backend_that_refuses_all_is_code_1_and_a_remedy(day):
    with watched(lambda number, events: (401, {"error": "no"})) as backend:
        words = ("replay", "day.ndjson", "--to", backend.url, "--speed", "max", "--out", "o")
        keyless = call(*words)
        wrong = call(*words, "--api-key", "ak_x")
    assert (keyless.code, wrong.code) == (1, 1)
    assert "wants a key; --api-key KEY" in keyless.err
    assert "401 for all: is the key right?" in wrong.err


def test_a_backend_that_is_away_is_code_1_and_how_to_go_on(day):
    with held_port() as port:
        url = f"http://127.0.0.1:{port}"
        said = call("replay", "day.ndjson", "--to", url, "--give-up", "0s", "--out", "o")
    assert said.code == 1
    assert "no connection" in said.err
    assert "the same command goes on" in said.err


@pytest.mark.parametrize(
    "words",
    [
        ("gone.ndjson", "--to", "http://127.0.0.1:1"),
        ("day.ndjson", "--to", "nowhere"),
        ("day.ndjson", "--to", "http://127.0.0.1:1", "--speed", "0x"),
        ("day.ndjson", "--to", "http://127.0.0.1:1", "--devices", "ACT-00000001"),
        ("day.ndjson", "--to", "http://127.0.0.1:1", "--keys", "day.ndjson"),
        ("day.ndjson", "--to", "http://127.0.0.1:1", "--provision", "a", "--api-key", "b"),
    ],
)
def test_a_mistake_is_one_sentence_and_leaves_no_answer(tmp_path, day, words):
    said = call("replay", *words)
    assert said.code == 2
    assert sentence(said)
    assert not list(tmp_path.glob("replay-*/answers/*"))
