"""The page has every route and status, and loads nothing."""

from __future__ import annotations

import re

import httpx
import pytest

from sim.ingest.api.ingest import Rules
from sim.ingest.http.api_page import api_page
from sim.ingest.http.routes import ROUTES
from sim.ingest.launch import launch_ingest


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_a_route_is_there_with_each_of_its_statuses(route):
    (section,) = re.findall(rf'<section id="{route.name}">(.*?)</section>', api_page(keys=True))
    assert f"{route.method} {route.path}" in section
    assert {int(one) for one in re.findall(r"<td>(\d+)</td>", section)} == set(route.statuses)


def test_where_no_keys_are_asked_for_none_is_named():
    assert "<td>401</td>" not in api_page(keys=False)


def test_it_is_served_and_nothing_is_loaded():
    with launch_ingest(rules=Rules()) as server:
        said = httpx.get(server.url + "/docs")
    assert said.headers["content-type"] == "text/html; charset=utf-8"
    assert said.headers["content-security-policy"].startswith("default-src 'none'")
    assert re.findall(r'(?:src|href)="([^"]*)"', said.text) == ["/openapi.json"]
    assert "<script" not in said.text
    assert "url(" not in said.text
