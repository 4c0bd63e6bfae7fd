"""Nobody and no place is left, and the badge decides the same."""

import json
from itertools import zip_longest
from math import cos, inf, radians

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from badge.recording.anonymise import Anonymiser
from badge.recording.edit import story_of, whole
from badge.recording.format import Happened, Wrote, header_document, input_document
from badge.recording.playback import Life
from tests.badge.recording.test_edit import is_whole, recorded
from tests.badge.story import DEVICE, MACS
from tests.strategies import unhurried

SECRETS = [DEVICE, *MACS, *(mac.lower() for mac in MACS), "W-007", "W-042"]


@settings(unhurried, max_examples=8)
@given(st.integers(0, 10_000))
@example(120)  # an answer to a repetition comes before it, and what would have followed does not
@example(696)  # an empty battery: the badge is off when the last upload has been tried
def test_the_same_is_decided_under_other_names(seed):
    header, lines = recorded(seed)
    story = Anonymiser(45.0, 15.0).story(story_of(header, lines, "x"))
    told = list(whole(story, "x"))
    assert is_whole(story, told)
    until_ms = min(parted_ms(told, lines), closing_ms(header, lines))
    assert decided(told, until_ms) == decided(lines, until_ms)


def parted_ms(one, other):
    """When an answer first met a repetition in one of them alone: jitter comes from the device."""
    happened = [
        [(line.ms, type(line.what).__name__) for line in lines if isinstance(line, Happened)]
        for lines in (one, other)
    ]
    pairs = zip_longest(*happened, fillvalue=(inf, ""))
    return next((min(pair)[0] for pair in pairs if pair[0] != pair[1]), inf)


def closing_ms(header, lines):
    """When its battery is empty: how long it lives on depends on the jitter of its last upload."""
    life = Life(header, "x")
    for ms, what in [(line.ms, line.what) for line in lines if isinstance(line, Happened)]:
        for _ in life.until(ms):
            pass
        life.give(what, ms)
        if life.badge.state in ("closing", "off"):
            return ms
    return inf


def decided(lines, until_ms):
    """What does not follow from the time of a repetition, whose jitter comes from the device."""
    logged = [line for line in lines if isinstance(line, Wrote) and line.ms < until_ms]
    return [
        (line.ms, line.event["event_type"])
        for line in logged
        if line.event["event_type"] != "upload_heartbeat"
    ]


@settings(unhurried, max_examples=8)
@given(st.integers(0, 10_000))
def test_no_name_is_left(seed):
    header, lines = recorded(seed)
    story = Anonymiser().story(story_of(header, lines, "x"))
    # device_id in a pushed document of the story is ACT-00000000, which is nobody's either
    text = json.dumps(header_document(story.header)) + "".join(
        json.dumps(input_document(x.ms, x.what), default=str) for x in story.inputs
    )
    known = {"W-001", "W-002", "W-003"}
    for secret in SECRETS:
        assert secret not in text or secret in known


@given(st.floats(-60, 60), st.floats(-179, 179), st.floats(-0.01, 0.01), st.floats(-0.01, 0.01))
@settings(unhurried, max_examples=100)
def test_places_keep_their_distances(lat, lon, north, east):
    anonymiser = Anonymiser(10.0, 20.0)
    assert anonymiser.place(lat, lon) == (10.0, 20.0)
    there = anonymiser.place(lat + north, lon + east)
    assert there[0] - 10.0 == pytest.approx(north, abs=2e-6)
    metres, wanted = (there[1] - 20.0) * cos(radians(10.0)), east * cos(radians(lat))
    assert metres == pytest.approx(wanted, abs=2e-6)


def test_the_same_one_has_the_same_name_in_every_recording():
    anonymiser = Anonymiser()
    header, lines = recorded(3)
    one, other = (anonymiser.story(story_of(header, lines, "x")) for _ in range(2))
    assert one == other
