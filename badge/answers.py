"""The ingest's HTTP answer as an input: the one place where contract section 4 meets the badge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic_core import from_json

from badge.inputs import UploadAnswer

ANSWER_BYTES_MAX = 1 << 20


def read_answer(request: int, status: int, headers: Mapping[str, str], body: bytes) -> UploadAnswer:
    """Turn an HTTP answer into `UploadAnswer`; total: what cannot be read counts as left out.

    `headers` need lower-case names.  Retry-After is read as seconds only.
    """
    # A body is optional: many proxies answer 503 with a page of their own.
    document = _document(body)
    code = document.get("code")
    return UploadAnswer(
        request,
        status,
        rejected=_rejected(document.get("rejected_events")),
        code=code if isinstance(code, str) else "",
        retry_after_s=_seconds(headers.get("retry-after", "")),
    )


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = from_json(body[:ANSWER_BYTES_MAX])
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _rejected(items: object) -> tuple[tuple[int, str], ...]:
    if not isinstance(items, list):
        return ()
    return tuple(
        (item["sequence_number"], str(item.get("reason", "")))
        for item in items
        if isinstance(item, dict) and type(item.get("sequence_number")) is int
    )


def _seconds(text: str) -> int:
    # A date in Retry-After needs a clock of the backend's; the badge backs off by itself then.
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
