"""Inputs and events to lines and back (the format is in the module's docstring)."""

from __future__ import annotations

import json
from typing import get_args

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge import inputs
from badge.config import read_config
from badge.contract.events import FixType, RebootReason
from badge.errors import InputError
from badge.recording import format as recording
from badge.recording.format import Happened, Header, Wrote
from tests.strategies import json_values, macs

SECRET = "ak_3F8A21B4_do-not-tell"
CONFIG = read_config({"device_id": "ACT-3F8A21B4", "api_key": SECRET})
_whole = st.integers(-(2**53), 2**53)
_real = st.floats(allow_nan=False, allow_infinity=False)
_text = st.text(st.characters(codec="utf-8"), max_size=8)
_documents = st.dictionaries(_text.filter(lambda key: key != "api_key"), json_values, max_size=3)
INPUTS = {
    inputs.Boot: st.builds(inputs.Boot, st.sampled_from(get_args(RebootReason))),
    inputs.Tick: st.just(inputs.Tick()),
    inputs.UtcLearned: st.builds(inputs.UtcLearned, _whole),
    inputs.Assign: st.builds(inputs.Assign, _text, st.none() | _text),
    inputs.Unassign: st.just(inputs.Unassign()),
    inputs.GpsFix: st.builds(
        inputs.GpsFix,
        _real,
        _real,
        accuracy_m=st.none() | _real,
        hdop=st.none() | _real,
        altitude_m=st.none() | _real,
        speed_kmh=st.none() | _real,
        fix_type=st.sampled_from(get_args(FixType)),
    ),
    inputs.ScanResult: st.builds(
        inputs.ScanResult, st.lists(st.tuples(macs, st.integers(-128, 127))).map(tuple)
    ),
    inputs.Movement: st.builds(inputs.Movement, st.booleans()),
    inputs.Battery: st.builds(inputs.Battery, _whole, st.none() | _whole),
    inputs.Cellular: st.builds(inputs.Cellular, st.booleans()),
    inputs.UploadAnswer: st.builds(
        inputs.UploadAnswer,
        _whole,
        st.none() | st.integers(100, 599),
        st.lists(st.tuples(_whole, _text)).map(tuple),
        _text,
        _whole,
    ),
    inputs.ConfigPush: st.builds(inputs.ConfigPush, _documents),
    inputs.FirmwareOffer: st.builds(inputs.FirmwareOffer, _text),
    inputs.FlashFault: st.builds(inputs.FlashFault, _whole),
}
FORMS = {
    "json": (recording.line, json.loads),
    "cbor": (cbor2.dumps, cbor2.loads),
}


def test_every_input_type_is_tried():
    assert set(INPUTS) == set(recording.NAMES)


@pytest.mark.parametrize("form", FORMS)
@given(st.integers(0, recording.MS_MAX), st.one_of(*INPUTS.values()))
def test_an_input_comes_back_as_it_was(form, ms, what):
    write, read = FORMS[form]
    document = read(write(recording.input_document(ms, what)))
    assert recording.read_document(document, "here") == Happened(ms, what)


@pytest.mark.parametrize("form", FORMS)
def test_an_event_comes_back_as_it_was(form):
    write, read = FORMS[form]
    document = read(write(recording.output_document(5, {"sequence_number": 7, "payload": {}})))
    assert recording.read_document(document, "here") == Wrote(
        5, {"sequence_number": 7, "payload": {}}
    )


def test_what_has_its_default_is_left_out():
    assert recording.input_document(15_000, inputs.GpsFix(45.5, 15.5)) == {
        "ms": 15_000,
        "in": {"type": "gps_fix", "lat": 45.5, "lon": 15.5},
    }
    assert recording.line({"ms": 1, "in": {"type": "tick"}}) == b'{"ms":1,"in":{"type":"tick"}}\n'


def test_the_header_comes_back_without_its_key():
    header = Header(CONFIG, "0.3.1", {"age_ms": 1}, "a walk")
    document = recording.header_document(header)
    assert SECRET not in json.dumps(document)
    back = recording.read_header(json.loads(json.dumps(document)), "line 1")
    assert (back.firmware_version, back.store, back.note) == ("0.3.1", {"age_ms": 1}, "a walk")
    assert back.config.public() == CONFIG.public()


def test_a_new_badge_needs_no_store_and_no_note():
    document = recording.header_document(Header(CONFIG, "0.1.0"))
    assert list(document) == ["format", "version", "config", "firmware_version"]


def test_no_recording_holds_a_pushed_key():
    push = inputs.ConfigPush({"api_key": SECRET, "gps_interval_s": 20})
    assert recording.input_document(1, push) == {
        "ms": 1,
        "in": {"type": "config", "document": {"gps_interval_s": 20}},
    }


GOOD = recording.header_document(Header(CONFIG, "0.1.0"))


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (None, "f line 1: not a badge recording"),
        ([], "not a badge recording"),
        ({}, "not a badge recording"),
        ({**GOOD, "format": "other"}, "not a badge recording"),
        ({**GOOD, "version": 2}, "recording version 2, known is 1"),
        ({**GOOD, "version": "1"}, "recording version '1'"),
        ({**GOOD, "firmware_version": 3}, "firmware_version: expected"),
        ({**GOOD, "firmware_version": "3"}, "firmware_version: "),
        ({**GOOD, "config": None}, "config: expected a JSON object"),
        ({**GOOD, "config": {"device_id": "x"}}, "f line 1: config: device_id: "),
        ({**GOOD, "store": [1]}, "store: expected"),
    ],
)
def test_a_wrong_header_is_named(document, words):
    with pytest.raises(InputError) as caught:
        recording.read_header(document, "f line 1")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (7, "expected"),
        ({}, "expected"),
        ({"ms": 1.5, "in": {"type": "tick"}}, "expected"),
        ({"ms": True, "in": {"type": "tick"}}, "expected"),
        ({"ms": -1, "in": {"type": "tick"}}, "ms -1: a recording spans 400 days"),
        ({"ms": 1_773_477_135_000, "in": {"type": "tick"}}, "not from 1970"),
        ({"ms": 1, "in": {"type": "tick"}, "out": {}}, '"in" and "out" need a line each'),
        (
            {"ms": 1, "out": {"sequence_number": 1, "payload": {}, "event_type": ["x"]}},
            "event_type",
        ),
        ({"ms": 1}, 'needs a "type"'),
        ({"ms": 1, "in": {}}, 'needs a "type"'),
        ({"ms": 1, "in": {"type": ["tick"]}}, 'needs a "type"'),
        ({"ms": 1, "in": {"type": "sunrise"}}, "boot, tick, utc"),
        ({"ms": 1, "in": {"type": "tick", "x": 1}}, "f line 9: tick: "),
        ({"ms": 1, "in": {"type": "utc"}}, "f line 9: utc: "),
        ({"ms": 1, "in": {"type": "gps_fix", "lat": "45", "lon": 1}}, "gps_fix: lat: "),
        ({"ms": 1, "in": {"type": "movement", "moving": 1}}, "movement: moving: "),
        ({"ms": 1, "in": {"type": "boot", "reason": "boredom"}}, "boot: reason: "),
        ({"ms": 1, "in": {"type": "scan", "heard": [["x"]]}}, "scan: heard"),
        ({"ms": 1, "in": {"type": "scan", "heard": 5}}, "scan: "),
        ({"ms": 1, "in": {"type": "scan", "heard": [5]}}, "scan: "),
        ({"ms": 1, "in": {"type": "config", "document": [1]}}, "config: document"),
        ({"ms": 1, "out": {}}, '"out" needs an event'),
        ({"ms": 1, "out": 5}, '"out" needs an event'),
        ({"ms": 1, "out": {"sequence_number": "1", "payload": {}}}, '"out" needs an event'),
        ({"ms": 1, "out": {"sequence_number": 1, "payload": []}}, '"out" needs an event'),
    ],
)
def test_a_wrong_line_is_named(document, words):
    with pytest.raises(InputError) as caught:
        recording.read_document(document, "f line 9")
    assert words in str(caught.value)
    assert str(caught.value).startswith("f line 9: ")


def fault_of(document):
    """What is said against it; None if it is a line."""
    try:
        recording.read_document(document, "here")
    except InputError as error:
        return str(error)
    return None


@given(json_values)
def test_any_json_is_a_line_or_one_sentence(document):
    for value in (document, {"ms": 1, "in": document}):
        fault = fault_of(value)
        assert fault is None or (fault.startswith("here: ") and "\n" not in fault)


@given(st.sampled_from(sorted(recording.NAMES.values())), _documents)
def test_any_fields_are_an_input_or_one_sentence(name, fields):
    fault = fault_of({"ms": 0, "in": {**fields, "type": name}})
    assert fault is None or fault.startswith(f"here: {name}: ")


def test_whole_degrees_written_by_hand_are_numbers_all_the_same():
    read = recording.read_document({"ms": 0, "in": {"type": "gps_fix", "lat": 45, "lon": 1}}, "x")
    assert repr(read.what.lat) == "45.0"
