"""The table of routes: what it says is what the API does."""

from __future__ import annotations

import pytest

from sim.ingest.api.ingest import Ingest
from sim.ingest.http.routes import EVENTS, ROUTES

WRITES = [route for route in ROUTES if route.method == "POST"]


def test_names_and_places_are_each_once():
    assert len({route.name for route in ROUTES}) == len(ROUTES)
    assert len({(route.method, route.path) for route in ROUTES}) == len(ROUTES)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_each_is_a_method_of_the_ingest(route):
    assert callable(getattr(Ingest, route.name))


@pytest.mark.parametrize("route", WRITES, ids=lambda route: route.name)
def test_whoever_sends_a_body_may_be_late_long_packed_or_a_stranger(route):
    assert {401, 408, 413, 415, 503} <= route.statuses.keys()
    assert route.role
    assert route.takes is not None


def test_the_contracts_statuses_of_an_upload_are_all_there():
    assert EVENTS.statuses.keys() == {202, 207, 400, 401, 408, 413, 415, 422, 429, 503}
