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


PAGE = (
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><title>Ingest API</title><style>'
)
WORDS = (
    "</style></head><body><main>"
    "<h1>Ingest API</h1><p>Keys go into the header <code>X-Actual-Api-Key</code>. "
    'For programs: <a href="/openapi.json">openapi.json</a>, with every body.</p>'
)
HEALTH = (
    '<section id="get_health"><h2><code>GET /api/health</code></h2>'
    "<p>Whether the store takes writes, and what it holds.</p><p>Key: None is asked for.</p>"
    "<table><tbody><tr><td>200</td><td>It does.</td></tr>"
    "<tr><td>400</td><td>That was no HTTP.</td></tr>"
    "<tr><td>503</td><td>The store takes no writes now, or too many requests wait.</td></tr>"
    "</tbody></table></section>"
)


@pytest.mark.parametrize("keys", [True, False])
def test_the_page_is_whole_word_by_word(keys):
    page = api_page(keys=keys)
    head, _, rest = page.partition(WORDS)
    assert head.startswith(PAGE)
    assert rest.startswith('<section id="post_events"><h2><code>POST /api/events</code></h2><p>')
    assert rest.count("</section><section id=") == len(ROUTES) - 1
    assert rest.endswith(f"</section>{HEALTH}</main></body></html>\n")
    asked = "<p>Key: The key of the device that the events are of.</p>"
    assert (asked in page, page.count("<p>Key: None is asked for.</p>")) == (
        (True, 1) if keys else (False, len(ROUTES))
    )


def test_what_the_table_says_is_text_and_no_markup():
    page = api_page(keys=True)
    assert "badge&#x27;s events refused" in page
    assert "<td>No Notehub event, or all of its badge's" not in page
