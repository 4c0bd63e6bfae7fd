"""`badge replay`: equal, different, rewritten, or no recording at all."""

from __future__ import annotations

import json
import os
import stat

import pytest

from badge.badge import Badge
from badge.effects import Logged
from badge.host.recording_file import RecordingFile, RecordingWriter
from badge.inputs import Tick
from badge.recording.format import Header, Wrote, line
from tests.badge.story import DEVICE, Story, random_steps, story_config
from tests.command import call, sentence


def record(path, seed=5000, count=150):
    """Record a random story the way a pump does."""
    story = Story(story_config())
    story.tell(random_steps(seed, count))
    badge = Badge(story_config())
    with RecordingWriter(path, Header(story_config(), "0.1.0")) as writer:

        def give(what, ms, *, own=False):
            if not own:
                writer.happened(ms, what)
            for effect in badge.receive(what, ms):
                if type(effect) is Logged:
                    writer.wrote(ms, effect.entry.event(DEVICE))

        for ms, what in story.inputs:
            while (due_ms := badge.next_deadline_ms) is not None and due_ms < ms:
                give(Tick(), due_ms, own=True)
            give(what, ms)
    return path


def outputs(path):
    with RecordingFile(path) as file:
        return [line for line in file if isinstance(line, Wrote)]


def without_output(path, place):
    """Take one `out` line away."""
    lines = path.read_bytes().splitlines(keepends=True)
    places = [n for n, line in enumerate(lines) if b'"out":' in line]
    del lines[places[place]]
    path.write_bytes(b"".join(lines))


@pytest.mark.parametrize("name", ["r.ndjson", "r.cbor"])
@pytest.mark.parametrize("seed", [5001, 5003, 5004])
def test_a_recording_replays_equal(tmp_path, name, seed):
    path = record(tmp_path / name, seed)
    said = call("replay", path)
    count = len(outputs(path))
    assert said.code == 0
    assert f"equal, {count} events" in " ".join(said.out.split())
    assert count > 20
    assert not path.with_suffix(".diff").exists()


def test_one_missing_event_is_one_difference_in_full_in_a_file(tmp_path):
    path = record(tmp_path / "r.ndjson")
    without_output(path, 10)
    said = call("replay", path)
    assert said.code == 1
    assert "1 difference in" in " ".join(said.out.split())
    assert path.with_suffix(".diff").read_text().count("extra: event") == 1


def test_a_changed_rule_is_shown_side_by_side_short_on_the_screen_and_whole_in_a_file(tmp_path):
    path = record(tmp_path / "r.ndjson")
    text = path.read_text()
    lines = text.splitlines(keepends=True)
    changed = [line.replace('"0.1.0"', '"0.9.0"') if '"out":' in line else line for line in lines]
    path.write_text("".join(changed))
    target = tmp_path / "all.txt"
    said = call("replay", path, "--differences", target)
    count = len(outputs(path))
    assert said.code == 1
    assert said.out.count("changed: event") == 10
    assert f"and {count - 10} more" in said.out
    assert target.read_text().count("changed: event") == count
    assert max(len(line) for line in said.out.splitlines() if str(tmp_path) not in line) <= 82


def test_the_outcome_as_json(tmp_path):
    path = record(tmp_path / "r.ndjson")
    count = len(outputs(path))
    assert json.loads(call("replay", path, "--json").out) == {"events": count, "differences": 0}
    without_output(path, 3)
    said = call("replay", path, "--json")
    assert (said.code, json.loads(said.out)) == (1, {"events": count, "differences": 1})


def test_the_events_of_a_replay_are_written_one_a_line(tmp_path):
    path = record(tmp_path / "r.ndjson")
    call("replay", path, "--events", tmp_path / "e.ndjson")
    events = [json.loads(line) for line in (tmp_path / "e.ndjson").read_bytes().splitlines()]
    assert events == [line.event for line in outputs(path)]


@pytest.mark.parametrize("name", ["r.ndjson", "r.cbor"])
def test_rewriting_heals_and_a_second_time_changes_no_byte(tmp_path, name):
    path = record(tmp_path / name)
    pristine = path.read_bytes()
    if name == "r.ndjson":
        for place in (3, 7, 7):
            without_output(path, place)
        assert call("replay", path).code == 1
    assert call("replay", path, "--rewrite").code == 0
    first = path.read_bytes()
    assert call("replay", path).code == 0
    assert call("replay", path, "--rewrite").code == 0
    assert path.read_bytes() == first
    assert first == pristine
    assert {p.name for p in tmp_path.iterdir()} <= {name, "r.diff"}


def test_inputs_and_events_of_one_millisecond_stay_in_their_order(tmp_path):
    path = record(tmp_path / "r.ndjson", 5003)
    before = path.read_bytes()
    call("replay", path, "--rewrite")
    assert path.read_bytes() == before


HEAD = b'{"format":"badge-recording","version":1,"config":{"device_id":"ACT-3F8A21B4"}'
BAD = {
    "empty": b"",
    "text": b"hello\n",
    "cut": HEAD + b'}\n{"ms":',
    "no boot": HEAD + b'}\n{"ms":5,"in":{"type":"tick"}}\n',
    "store": HEAD + b',"store":{}}\n{"ms":5,"in":{"type":"boot"}}\n',
    "no event": HEAD + b'}\n{"ms":5,"out":{"sequence_number":"1"}}\n',
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("option", [[], ["--rewrite"], ["--json"]])
def test_what_cannot_be_replayed_is_one_sentence_and_stays_as_it_was(tmp_path, name, option):
    path = tmp_path / "r.ndjson"
    path.write_bytes(BAD[name])
    said = call("replay", path, *option)
    assert said.code == 2
    assert str(path) in sentence(said)
    assert path.read_bytes() == BAD[name]
    assert [p.name for p in tmp_path.iterdir()] == ["r.ndjson"]


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path):
    said = call("replay", tmp_path / "nothing.ndjson")
    assert (said.code, said.out) == (2, "")
    assert "does not exist" in said.err


@pytest.mark.parametrize("option", ["--events", "--differences"])
def test_a_full_disk_is_one_sentence(tmp_path, option):
    path = record(tmp_path / "r.ndjson")
    without_output(path, 1)
    said = call("replay", path, option, "/dev/full")
    assert said.code == 2
    assert "/dev/full: No space left on device" in sentence(said)


@pytest.mark.parametrize("link", ["itself", "symbolic", "hard"])
@pytest.mark.parametrize("option", ["--events", "--differences"])
def test_an_output_that_is_the_recording_is_refused_under_any_name(tmp_path, link, option):
    path = record(tmp_path / "r.ndjson")
    before = path.read_bytes()
    other = tmp_path / "other"
    if link == "symbolic":
        other.symlink_to(path)
    elif link == "hard":
        other.hardlink_to(path)
    else:
        other = path
    assert "named twice" in sentence(call("replay", path, option, other))
    assert path.read_bytes() == before


def test_two_outputs_in_one_file_are_refused(tmp_path):
    path = record(tmp_path / "r.ndjson")
    there = tmp_path / "x"
    said = call("replay", path, "--events", there, "--differences", tmp_path / "." / "x")
    assert "named twice" in sentence(said)
    assert not there.exists()


def test_a_recording_called_diff_is_not_written_over(tmp_path):
    path = record(tmp_path / "r.diff")
    without_output(path, 3)
    before = path.read_bytes()
    assert call("replay", path).code == 1
    assert path.read_bytes() == before
    assert (tmp_path / "r.diff.diff").read_text().startswith("extra: event")


@pytest.mark.skipif(not hasattr(os, "fchown"), reason="no modes and owners here")
def test_rewriting_keeps_mode_and_link(tmp_path):
    path = record(tmp_path / "r.ndjson")
    path.chmod(0o600)
    link = tmp_path / "link.ndjson"
    link.symlink_to(path)
    assert call("replay", link, "--rewrite").code == 0
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_recording_that_turns_bad_is_not_rewritten(tmp_path):
    path = record(tmp_path / "r.ndjson")
    path.write_bytes(path.read_bytes() + b'{"ms":1}\n')
    before = path.read_bytes()
    assert call("replay", path, "--rewrite").code == 2
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["r.ndjson"]


def test_foreign_words_in_a_recording_are_shown_as_they_stand(tmp_path):
    path = record(tmp_path / "r.ndjson")
    event = {"sequence_number": 10**6, "payload": {"[/x]": "[red]\x1b[2J"}, "event_type": "[/y]"}
    path.write_bytes(path.read_bytes() + line({"ms": 10**9, "out": event}))
    said = call("replay", path)
    assert said.code == 1
    assert "[/y]" in said.out
    assert "\x1b" not in said.out


def test_several_recordings_and_a_folder_are_told_one_by_one(tmp_path):
    for seed in (5001, 5003):
        record(tmp_path / f"{seed}.ndjson", seed)
    without_output(tmp_path / "5003.ndjson", 5)
    (tmp_path / "notes.txt").write_text("no recording")
    said = call("replay", tmp_path, "--junit", tmp_path / "report.xml")
    assert said.code == 1
    assert "1 of 2 recordings equal" in said.out
    report = (tmp_path / "report.xml").read_text()
    assert 'tests="2" failures="1"' in report
    assert "5003.ndjson" in report.split("<failure")[0]
    said = call("replay", tmp_path / "5001.ndjson", tmp_path / "5003.ndjson", "--json")
    assert [row["differences"] for row in json.loads(said.out)] == [0, 1]


@pytest.mark.parametrize(
    "words",
    [
        ("nowhere",),
        ("empty",),
        ("empty", "--speed", "60x"),
        ("a", "--to", "http://127.0.0.1:1", "--junit", "x.xml"),
        ("a", "a2", "--events", "e"),
    ],
)
def test_what_does_not_go_together_is_one_sentence(tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    for name in ("a", "a2"):
        record(tmp_path / name)
    said = call("replay", *words)
    assert said.code == 2
    assert "Traceback" not in said.err
