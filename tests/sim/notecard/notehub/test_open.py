from __future__ import annotations

import pytest

from badge.errors import InputError
from sim.notecard.notehub.open import hub_of


def test_words_become_routes_and_proxies(monkeypatch):
    monkeypatch.setenv("KEY", "secret")
    hub = hub_of("http://x/in", None, "a.qo, b.qo", ["in=http://y/"], ["hub=X-Key:$KEY", "in=A:b"])
    (route,) = hub.routes
    assert (route.files, route.headers) == (("a.qo", "b.qo"), {"X-Key": "secret"})
    assert hub.proxies.proxies["in"].headers == {"A": "b"}
    assert "secret" not in repr(hub.routes)


@pytest.mark.parametrize(
    ("to", "proxies", "headers", "words"),
    [
        ("ftp://x", [], [], "--hub-to"),
        (None, ["in"], [], "ALIAS=URL"),
        (None, [], ["in=A:b"], "no --route"),
        (None, [], ["in"], "ALIAS=NAME:VALUE"),
        (None, ["in=http://y"], ["in=A:$NOT_THERE"], "not set in the environment"),
    ],
)
def test_what_is_wrong_is_named(to, proxies, headers, words):
    with pytest.raises(InputError, match=words):
        hub_of(to, None, "", proxies, headers)
