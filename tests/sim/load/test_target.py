"""Whom the load is for."""

import socket

import pytest

from badge.errors import InputError
from sim.load.target import target_of


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "127.9.9.9"])
def test_this_machine_needs_no_word(host):
    target = target_of(f"http://{host}:8080", {"ACT-0000000A": "ak_a"}, remote=False)
    assert target.address[0] in (socket.AF_INET, socket.AF_INET6)
    assert b"POST /api/events HTTP/1.1" in target.heads[""]
    assert b"X-Actual-Api-Key: ak_a" in target.heads["ACT-0000000A"]
    assert b"Api-Key" not in target.heads[""]


@pytest.mark.parametrize("url", ["http://192.0.2.1", "https://192.0.2.1/x", "http://[2001:db8::1]"])
def test_another_machine_is_loaded_only_when_that_is_said(url):
    with pytest.raises(InputError, match="--remote says that it is yours to load"):
        target_of(url, {}, remote=False)
    assert target_of(url, {}, remote=True).address[1][1] in (80, 443)


@pytest.mark.parametrize("url", ["nowhere", "ftp://x", "http://", "http://user:geheim@"])
def test_what_is_no_url_is_one_sentence_without_its_password(url):
    with pytest.raises(InputError, match="not a URL") as told:
        target_of(url, {}, remote=False)
    assert "geheim" not in str(told.value)
