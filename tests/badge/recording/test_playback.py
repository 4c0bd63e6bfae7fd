"""A recording's inputs give its outputs again, wherever its badge came from."""

from __future__ import annotations

import pytest

from badge.badge import Badge
from badge.config import read_config
from badge.effects import Logged
from badge.errors import InputError
from badge.inputs import Boot, ConfigPush, Tick, UtcLearned
from badge.recording.format import Happened, Header, Wrote, input_document, read_document
from badge.recording.playback import replay
from badge.storage.memory import snapshot
from tests.badge.story import DEVICE, Story, random_steps, story_config


def recorded(seed):
    """What a pump would write: inputs without its own ticks, events at their own moments."""
    story = Story(story_config(upload_interval_s=300))
    story.tell(random_steps(seed, 200))
    badge = Badge(story_config(upload_interval_s=300))
    lines = []
    for ms, what in story.inputs:
        while (due_ms := badge.next_deadline_ms) is not None and due_ms < ms:
            lines += wrote(badge.receive(Tick(), due_ms), due_ms)
        lines.append(Happened(ms, what))
        lines += wrote(badge.receive(what, ms), ms)
    return [line for line in lines if not isinstance(getattr(line, "what", None), Tick)], badge


def wrote(effects, ms):
    return [Wrote(ms, e.entry.event(DEVICE)) for e in effects if type(e) is Logged]


@pytest.mark.parametrize("seed", range(4000, 4006))
def test_a_replay_logs_what_was_logged(seed):
    lines, _ = recorded(seed)
    outputs = [line for line in lines if isinstance(line, Wrote)]
    header = Header(story_config(upload_interval_s=300), "0.1.0")
    assert list(replay(header, lines)) == outputs


def test_a_recording_that_ends_with_what_a_deadline_logged_is_whole():
    """A badge that is stopped ends anywhere: often no input comes after its last event."""
    lines, _ = recorded(4001)
    header = Header(story_config(upload_interval_s=300), "0.1.0")
    ends = [
        number
        for number, line in enumerate(lines, 1)
        if isinstance(line, Wrote)
        and line.ms > max((x.ms for x in lines[:number] if isinstance(x, Happened)), default=0)
        and not (number < len(lines) and lines[number].ms == line.ms)
    ]
    assert ends
    for end in ends[:: max(1, len(ends) // 8)]:
        told = [line for line in lines[:end] if isinstance(line, Wrote)]
        assert list(replay(header, lines[:end])) == told


def test_it_goes_on_from_what_the_store_held():
    _, badge = recorded(4000)
    held = snapshot(badge.store)
    story = [Happened(0, Boot()), Happened(5, UtcLearned(1_773_477_135_000))]
    told = list(replay(Header(story_config(), "0.1.0", held), story))
    waiting = [entry[0] for entry in held["queue"] if entry[5] is None]
    numbers = [line.event["sequence_number"] for line in told]
    assert numbers[: len(waiting) + 1] == [*waiting, held["next_sequence"]]
    assert told[len(waiting)].event["event_type"] == "reboot"


def test_a_key_in_the_live_badge_changes_nothing_of_its_replay():
    push = ConfigPush({"api_key": "secret", "gps_interval_s": 30})
    stripped = read_document(input_document(2, push), "here")
    story = [Happened(0, Boot()), Happened(1, UtcLearned(1_773_477_135_000))]
    live = read_config({"device_id": DEVICE, "api_key": "k"})
    bare = read_config({"device_id": DEVICE})
    with_key = list(replay(Header(live, "0.1.0"), [*story, Happened(2, push)]))
    assert with_key == list(replay(Header(bare, "0.1.0"), [*story, stripped]))


@pytest.mark.parametrize(
    ("story", "words"),
    [
        ([Happened(0, Tick())], "at 0 ms: the first input"),
        ([Happened(9, Boot()), Happened(8, Tick())], "at 8 ms: time went back"),
        ([Happened(-5, Boot())], "at -5 ms: time went back"),
    ],
)
def test_an_impossible_story_is_named(story, words):
    with pytest.raises(InputError, match=f"walk.ndjson: {words}"):
        list(replay(Header(story_config(), "0.1.0"), story, "walk.ndjson"))


@pytest.mark.parametrize("store", [{}, {"queue": 5}, {"next_sequence": "x"}, {"queue": [[1]]}])
def test_a_store_that_is_none_is_named(store):
    whole = snapshot(Badge(story_config()).store)
    broken = {**whole, **store} if store else {}
    with pytest.raises(InputError, match="recording: store: "):
        list(replay(Header(story_config(), "0.1.0", broken), []))
