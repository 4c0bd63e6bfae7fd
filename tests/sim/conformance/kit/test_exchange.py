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
    line = asked().again()
    assert KEY not in line
    words = shlex.split(line)
    assert words[:5] == ["curl", "-i", "-X", "POST", "http://x/api/events"]
    assert words[-1] == asked().body.decode()
    assert "X-Actual-Api-Key: $KEY" in words


def test_people_are_shown_what_fits_and_never_a_key():
    said = asked(b"[" * 9000)
    said.text = "x" * 9000
    for text in (said.request_text(), said.answer_text()):
        assert len(text) < 800
        assert "9,000 characters" in text
        assert KEY not in text


def test_a_secret_is_shown_nowhere_whatever_it_stands_in():
    said = HttpExchange(
        *("POST", "http://me:word@x/", {}, f"X-Actual-Api-Key: {KEY}".encode(), ()),
        *(201, f'{{"api_key":"{KEY}"}}'),
        raw=True,
        secrets={KEY},
    )
    for text in (said.request_text(), said.answer_text(), said.again(), repr(said.secrets)):
        assert "word" not in text
    for text in (said.request_text(), said.answer_text(), said.again()):
        assert KEY not in text


def test_no_answer_is_its_reason():
    said = asked()
    said.status, said.text = None, "no connection"
    assert (said.answer_text(), said.json) == ("no connection", None)
