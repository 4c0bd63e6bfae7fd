"""The table of routes: each operation once, and what it may answer."""

from __future__ import annotations

import pytest

from sim.ingest.http.routes import ROUTES


def test_each_operation_stands_once():
    assert len({(route.method, route.path) for route in ROUTES}) == len(ROUTES)
    assert len({route.name for route in ROUTES}) == len(ROUTES)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_what_takes_a_body_may_refuse_it_and_what_asks_for_a_key_may_miss_it(route):
    if route.takes is not None:
        assert {408, 413, 415} <= route.statuses.keys()
    assert (401 in route.statuses) is (route.role is not None)
    assert 503 in route.statuses
