from __future__ import annotations

import pytest

from badge.errors import InputError
from sim.notecard.notehub.routes import EventRoute, TransformError, jsonata_transform

EVENT = {"event": "e", "file": "a.qo", "body": {"x": "abc"}}


@pytest.mark.parametrize(
    "expression",
    [
        "$number(body.x)",
        "body.x.$sum()",
        "1/0",
        "$error('no')",
        "($f := function($n) {$f($n + 1)}; $f(0))",
        "$map([1..1000000], function($n) {$n * 2})",
        "function($n) {$n}",
    ],
)
def test_a_transform_that_fails_or_never_ends_is_an_error_of_the_event(expression):
    route = EventRoute("http://x", transform=jsonata_transform(expression, "r"))
    with pytest.raises(TransformError):
        route.body(EVENT)


@pytest.mark.parametrize("expression", ["a[", "(a ! b)", "$f(a ~"])
def test_what_is_no_expression_is_named(expression):
    with pytest.raises(InputError, match="file"):
        jsonata_transform(expression, "file")


def test_an_address_is_shown_without_its_secrets():
    route = EventRoute("http://user:word@x:81/in?key=secret")
    assert route.shown_url == "http://x:81/in"
    assert route.uid == EventRoute("http://x:81/in").uid
