"""Where traces and metrics go, and the end that is waited for no longer than it says."""

from __future__ import annotations

import socket
import time

import pytest

from badge.errors import InputError
from badge.host.telemetry import export
from badge.host.telemetry.export import Export


def test_a_collector_that_never_answers_holds_nobody_up_for_longer(monkeypatch):
    monkeypatch.setattr(export, "CLOSE_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        one = Export("serve", f"http://127.0.0.1:{listener.getsockname()[1]}")
        one.begin("x", "internal", {}, {}).end()
        begun_s = time.monotonic()
        said = one.close()
        assert time.monotonic() - begun_s < 60
    assert "not taken within 0.2 s" in said


def test_an_address_is_taken_with_or_without_its_last_slash():
    places = export._places("http://127.0.0.1:4318/")
    assert places == export._places("http://127.0.0.1:4318")
    assert places[0] == "http://127.0.0.1:4318/v1/traces"
    with pytest.raises(InputError):
        export._places("127.0.0.1")
