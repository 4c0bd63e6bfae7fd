from __future__ import annotations

import shlex

from sim.conformance.kit.exchange import HttpExchange

KEY = "ak_3F8A21B4_secret"


def asked(body: bytes = b'[{"a": "it\'s"}]') -> HttpExchange:
    headers = {"Content-Type": "application/json", "X-Actual-Api-Key": KEY}
    return HttpExchange(
        "POST", "http://x/api/events", headers, body, ("X-Actual-Api-Key",), 202, "{}"
    )


def test_a_shell_reads_the_curl_line_back_and_finds_no_key_in_it():
    line = asked().curl()
    assert KEY not in line
    words = shlex.split(line)
    assert words[:5] == ["curl", "-i", "-X", "POST", "http://x/api/events"]
    assert words[-1] == asked().body.decode()
    assert "X-Actual-Api-Key: $KEY" in words


def test_a_body_that_no_shell_should_see_is_named_by_its_size():
    assert asked(b"\x00\xff").curl().endswith("@BODY  # 2 bytes, not shown")
    assert asked(b"[" * 9000).curl().endswith("# 9000 bytes, not shown")


def test_people_are_shown_what_fits_and_never_a_key():
    said = asked(b"[" * 9000)
    said.text = "x" * 9000
    for text in (said.request_text(), said.answer_text()):
        assert len(text) < 800
        assert "9000 characters" in text
        assert KEY not in text


def test_no_answer_is_its_reason():
    said = asked()
    said.status, said.text = None, "no connection"
    assert (said.answer_text(), said.json) == ("no connection", None)
