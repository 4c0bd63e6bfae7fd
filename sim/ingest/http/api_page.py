"""The API as a page at `/docs`: out of the table of routes, with nothing loaded from outside."""

from __future__ import annotations

from html import escape

from sim.ingest.http.routes import ROUTES, ApiRoute

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 50rem; margin: 2rem auto; padding: 0 1rem }
td { padding: .2rem 1rem .2rem 0; vertical-align: top }
"""


def api_page(*, keys: bool) -> str:
    """Return the page; `keys`: whether this server asks for any."""
    sections = "".join(_section(route, keys=keys) for route in ROUTES)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>Ingest API</title><style>{_STYLE}</style></head><body><main>"
        "<h1>Ingest API</h1><p>Keys go into the header <code>X-Actual-Api-Key</code>. "
        'For programs: <a href="/openapi.json">openapi.json</a>, with every body.</p>'
        f"{sections}</main></body></html>\n"
    )


def _section(route: ApiRoute, *, keys: bool) -> str:
    role = route.role if keys and route.role else "None is asked for."
    rows = "".join(
        f"<tr><td>{status}</td><td>{escape(said)}</td></tr>"
        for status, (_, said) in sorted(route.statuses.items())
        if keys or status != 401
    )
    return (
        f'<section id="{escape(route.name)}"><h2><code>{route.method} {escape(route.path)}</code>'
        f"</h2><p>{escape(route.summary)}</p><p>Key: {escape(role)}</p>"
        f"<table><tbody>{rows}</tbody></table></section>"
    )
