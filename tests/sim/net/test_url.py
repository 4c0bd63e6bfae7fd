from __future__ import annotations

import pytest

from badge.errors import InputError
from sim.net.url import split_url


def test_it_is_taken_apart():
    parts = split_url("--to", "https://badges.example:8443/in", "")
    assert (parts.scheme, parts.hostname, parts.port, parts.path) == (
        "https",
        "badges.example",
        8443,
        "/in",
    )


@pytest.mark.parametrize(
    "url", ["badges.example", "ftp://a", "http://", "http://a:port", "http://["]
)
def test_what_is_none_is_one_sentence_with_the_option_and_an_example(url):
    with pytest.raises(InputError) as caught:
        split_url("--to", url, "http://127.0.0.1:8080")
    assert str(caught.value) == f"--to {url}: not a URL; write it like http://127.0.0.1:8080"
