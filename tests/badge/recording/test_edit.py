"""Whatever is changed in a recording, the result is whole: it replays equal."""

import itertools
import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from badge.errors import InputError
from badge.inputs import Assign, Boot, GpsFix, UtcLearned
from badge.recording.anonymise import Anonymiser
from badge.recording.edit import Timeline as Recorded
from badge.recording.edit import cut, merge, shift, story_of, thin_out, whole
from badge.recording.format import Happened, Header, Wrote
from badge.recording.playback import replay, retell
from tests.badge.story import DEVICE, Story, random_steps, story_config
from tests.strategies import unhurried

stories = st.integers(0, 10_000)


def recorded(seed, count=60):
    told = Story(story_config())
    told.tell(random_steps(seed, count))
    header = Header(story_config(), "0.1.0")
    inputs = [Happened(ms, what) for ms, what in told.inputs]
    return header, list(retell(header, inputs))


def events(lines):
    return [line.event for line in lines if isinstance(line, Wrote)]


def is_whole(story, lines):
    """The law: what it says was logged is what is logged."""
    return list(replay(story.header, lines)) == [x for x in lines if isinstance(x, Wrote)]


def changed(seed, change, **how):
    header, lines = recorded(seed)
    story = change(story_of(header, lines, "x"))
    told = list(whole(story, "x", **how))
    assert is_whole(story, told)
    return header, lines, story, told


@settings(unhurried, max_examples=8)
@given(stories)
def test_a_recording_without_a_change_stays_what_it_is(seed):
    _, lines, _, told = changed(seed, lambda story: story)
    assert told == lines


def test_what_a_deadline_logged_last_stays_in_it():
    header, lines = recorded(7, 200)
    late = [
        n
        for n, (one, line) in enumerate(itertools.pairwise(lines), 2)
        if isinstance(line, Wrote) and one.ms < line.ms
    ]
    told = lines[: late[-1]]
    again = list(whole(story_of(header, told, "x"), "x"))
    assert events(again) == events(told)
    assert [line for line in again if line in told] == told


@settings(unhurried, max_examples=8)
@given(stories, st.floats(0, 1), st.floats(0, 1))
def test_a_part_is_whole_wherever_it_is_cut(seed, one, other):
    def part(story):
        begin, end = sorted(int(share * story.end_ms) for share in (one, other))
        begin = min(begin, story.inputs[-1].ms)
        return cut(story, begin, max(end, next(x.ms for x in story.inputs if x.ms >= begin)), "x")

    changed(seed, part)


@settings(unhurried, max_examples=6)
@given(stories, stories)
def test_two_that_are_joined_are_whole_and_no_number_repeats(one, other):
    first, second = (story_of(*recorded(seed), "x") for seed in (one, other))
    story = merge([first, second], 3000, ["a", "b"])
    told = list(whole(story, "x"))
    assert is_whole(story, told)
    numbers = [event["sequence_number"] for event in events(told)]
    assert len(set(numbers)) == len(numbers)


@settings(unhurried, max_examples=6)
@given(stories, st.integers(2, 20))
@example(104, 3)  # its last input is left out, at whose moment something fell due
@example(60, 2)  # and here shortly before it
def test_thinned_out_it_is_whole_and_smaller(seed, times):
    _, lines, _, told = changed(seed, lambda story: thin_out(story, times), thin=True)
    assert len(told) <= len(lines) + 40


def test_the_times_of_day_move_and_nothing_else():
    _, lines, _, told = changed(7, lambda story: shift(story, 86_400, "x"))
    for old, new in zip(events(lines), events(told), strict=True):
        assert new.pop("timestamp_utc") != old.pop("timestamp_utc")
        assert new == old


def day():
    header = Header(story_config(), "0.1.0")
    inputs = [
        Happened(0, Boot()),
        Happened(0, UtcLearned(1_772_000_000_000)),
        Happened(1000, Assign("W-007")),
        *(Happened(2000 + n * 15_000, GpsFix(45.0, 16.0, accuracy_m=3.0)) for n in range(20)),
    ]
    return Recorded(header, tuple(inputs))


def test_a_part_out_of_a_shift_begins_with_a_boot_and_the_shift():
    told = list(whole(cut(day(), 100_000, 200_000, "x"), "x"))
    kinds = [event["event_type"] for event in events(told)]
    assert kinds[:2] == ["reboot", "shift_start"]
    assert kinds.count("gps") == 6  # each answers a poll of the shift that begins anew
    before = list(events(whole(day(), "x")))[-1]["sequence_number"]
    assert 0 < events(told)[0]["sequence_number"] <= before


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda: cut(day(), 10**9, 10**9 + 1, "x"), "nothing happens in this part"),
        (lambda: shift(day(), -(10**10), "x"), "leaves the calendar"),
        (lambda: merge([day(), Anonymiser().story(day())], 3000, ["a", "b"]), "of one badge"),
        (lambda: merge([day(), day()], 10**12, ["a", "b"]), "a pause"),
    ],
)
def test_what_cannot_be_is_one_sentence(change, says):
    with pytest.raises(InputError, match=says):
        change()


def test_the_story_is_of_the_device(capsys):
    assert DEVICE in json.dumps(events(whole(day(), "x")))
