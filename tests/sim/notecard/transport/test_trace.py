"""What a watched card shows: for people and for programs."""

from __future__ import annotations

import io
import json
from base64 import b64encode

import pytest
from rich.console import Console

from sim.notecard.model.outputs import Traced
from sim.notecard.transport.trace import colour_watch, json_watch, readable

BATCH = '[{"sequence_number":1}]'
POST = json.dumps({"req": "web.post", "payload": b64encode(BATCH.encode()).decode()})


PLAIN = ["", "no json", "[1]", '{"payload":7}', '{"payload":"/w=="}', "\udcff"]


@pytest.mark.parametrize("text", PLAIN)
def test_what_carries_no_text_is_shown_as_it_is(text):
    assert readable(text) == text


def test_people_read_what_a_payload_says_and_programs_what_was_sent():
    text, lines = io.StringIO(), io.StringIO()
    colour_watch(Console(file=text, width=200))(1500, Traced("request", POST))
    json_watch(lines)(1500, Traced("request", POST))
    assert json.loads(text.getvalue().partition("→ ")[2])["payload"] == BATCH
    assert json.loads(lines.getvalue()) == {"ms": 1500, "kind": "request", "text": POST}


def test_each_kind_is_a_line():
    stream, shown = io.StringIO(), io.StringIO()
    watches = (json_watch(stream), colour_watch(Console(file=shown)))
    for kind in ("request", "reply", "binary", "link", "note", "fault", "pin", "hub", "aux"):
        for watch in watches:
            watch(1500, Traced(kind, "it [/x] happens"))
    assert len(stream.getvalue().splitlines()) == len(shown.getvalue().splitlines()) == 9
    assert "[/x]" in shown.getvalue()


def test_what_a_host_says_cannot_steer_a_terminal():
    shown = io.StringIO()
    colour_watch(Console(file=shown))(0, Traced("note", "card.log: \x1b[2J\x1b]0;title\x07"))
    assert "\x1b" not in shown.getvalue()
