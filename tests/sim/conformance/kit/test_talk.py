from __future__ import annotations

import pytest

from sim.conformance.kit.talk import NotAsPromisedError, Talk
from sim.net.client import Client
from tests.sim.conformance.rig import backend


def test_all_that_is_said_is_kept_without_what_is_secret():
    with backend() as right, Client() as client:
        talk = Talk(client, 5.0, ("X-Key",), {"hidden"})
        said = talk.ask_url("POST", f"{right.url}/api/events", b"[]", {"X-Key": "hidden"})
        raw = talk.raw_url(f"{right.url}/", [b"GET / HTTP/1.1\r\nX-Key: hidden\r\n\r\n"])
    assert talk.exchanges == [said, raw]
    assert (said.status, raw.status) == (401, 400)
    assert said.seconds > 0
    assert "hidden" not in said.again() + raw.again() + said.request_text() + raw.request_text()


def test_nobody_there_is_no_answer():
    with backend() as gone:
        pass
    with Client() as client:
        said = Talk(client, 1.0, (), ()).ask_url("GET", gone.url, b"", {})
    assert (said.status, said.text) == (None, "no connection; is the server running?")


def test_what_was_expected_is_said():
    with Client() as client, pytest.raises(NotAsPromisedError, match="a moon"):
        Talk(client, 1.0, (), ()).expect_that(False, "a moon")
