"""The one check of a URL."""

from __future__ import annotations

import pytest

from badge.errors import InputError
from sim.net.url import authorization, endpoint, split_url, without_password

WRONG = (
    "", "x", "badges.example", "127.0.0.1:80", "ftp://a", "http://", "http://[",
    "http://a:port", "http://a:99999", "http://a:0", "http://a b/", "http://a/\nb",
    f"http://{'a' * 64}.example/",
)  # fmt: skip


def test_it_is_taken_apart():
    parts = split_url("--to", "https://badges.example:8443/in")
    assert (parts.scheme, parts.hostname, parts.port, parts.path) == (
        "https",
        "badges.example",
        8443,
        "/in",
    )


@pytest.mark.parametrize("url", WRONG)
def test_what_is_none_is_one_sentence_with_the_option_and_an_example(url):
    with pytest.raises(InputError) as caught:
        split_url("--to", url)
    assert str(caught.value) == f"--to {url}: not a URL; write it like http://127.0.0.1:8080"


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("http://a", "http://a/api/events"),
        ("http://a/", "http://a/api/events"),
        ("http://a/in", "http://a/in"),
        ("http://[::1]:8080", "http://[::1]:8080/api/events"),
    ],
)
def test_an_ingest_takes_events_where_the_contract_says_unless_a_path_is_named(url, wanted):
    assert endpoint(url) == wanted


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://me:secret@a/in?x=y@z", "http://***@a/in?x=y@z"),
        ("http://secret@a", "http://***@a"),
        ("http://a/x@y", "http://a/x@y"),
        ("ftp://me:secret@", "ftp://***@"),
    ],
)
def test_a_password_is_not_shown(url, shown):
    assert without_password(url) == shown


def test_nor_is_it_in_the_sentence_about_a_wrong_url():
    with pytest.raises(InputError) as caught:
        split_url("--to", "ftp://me:secret@a")
    assert "secret" not in str(caught.value)


def test_a_name_and_password_become_a_header():
    assert authorization(split_url("--to", "http://a")) == {}
    parts = split_url("--to", "http://me:p%40ss@a")
    assert authorization(parts) == {"Authorization": "Basic bWU6cEBzcw=="}
