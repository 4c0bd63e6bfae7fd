"""The page: one HTML document with its styles and scripts; offline with the picture, too."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic_core import to_json

from sim.view.sources.opened import Opened

SCRIPTS = (
    *("store.js", "state.js", "map.js", "lanes.js", "table.js", "sides.js", "about.js"),
    *("fleet.js", "report.js", "time.js", "live.js", "main.js"),
)
DETAILS_AT_ONCE = 500
DETAILS_MAX = 100_000  # of a larger picture the page keeps none: it would no longer open


@cache
def _parts() -> tuple[str, str, str]:
    folder = files("sim.view") / "web"
    scripts = "\n".join((folder / name).read_text("utf-8") for name in SCRIPTS)
    return (
        (folder / "page.html").read_text("utf-8"),
        (folder / "page.css").read_text("utf-8"),
        scripts,
    )


def page(nonce: str, inside: str = "") -> str:
    """Give the document; `inside` is what it has of the picture itself."""
    html, css, scripts = _parts()
    html = html.replace("{{nonce}}", nonce).replace("/*css*/", css)
    return html.replace("<!--inside-->", inside).replace("/*scripts*/", scripts)


def policy(nonce: str) -> str:
    """Give the Content-Security-Policy: nothing from outside, nothing that is not ours."""
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; "
        "img-src data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )


def body_of(opened: Opened) -> bytes:
    """Give a picture as the page reads it: length of the document, document, columns."""
    document, columns = opened.picture.payload()
    return framed(document, columns)


def framed(document: dict[str, Any], columns: bytes) -> bytes:
    """Put a document before its columns, which begin at a multiple of 8."""
    head = to_json(document, inf_nan_mode="null")
    head += b" " * (-(len(head) + 4) % 8)
    return struct.pack("<I", len(head)) + head + columns


def whole_page(opened: Opened) -> Iterator[bytes]:
    """Give the page as one file that works offline, piece by piece."""
    pieces = [_script("picture", body_of(opened))]
    rows = opened.picture.rows
    if rows <= DETAILS_MAX:
        for number, start in enumerate(range(0, rows, DETAILS_AT_ONCE)):
            some = range(start, min(start + DETAILS_AT_ONCE, rows))
            content = to_json([opened.about(row) for row in some], inf_nan_mode="null")
            pieces.append(_script(f"details-{number}", content))
    yield page("offline", "\n".join(pieces)).encode()


def _script(name: str, content: bytes) -> str:
    coded = base64.b64encode(zlib.compress(content, 9)).decode()
    return f'<script type="text/plain" id="{name}">{coded}</script>'
