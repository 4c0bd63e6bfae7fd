"""The ingest's HTTP answer as an input: the one place where contract section 4 meets the badge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic_core import from_json

from badge.inputs import UploadAnswer

ANSWER_BYTES_MAX = 1 << 20


def read_answer(request: int, status: int, headers: Mapping[str, str], body: bytes) -> UploadAnswer:
    """Turn an HTTP answer into `UploadAnswer`; total, whatever the bytes are.

    A 207 without its whole list of refusals is no answer (`status` None): the batch is sent again.
    Elsewhere what cannot be read counts as left out.  `headers` need lower-case names;
    Retry-After is read as seconds only.
    """
    # A body is optional: many proxies answer 503 with a page of their own.
    document = _document(body)
    rejected: tuple[tuple[int, str], ...] = ()
    if status == 207:
        # Contract section 3: the accepted ones are acknowledged.  Who they are only the list of
        # the others tells, and an event taken for accepted is deleted for good.
        whole = _whole_list(document)
        if whole is None:
            return UploadAnswer(request, None)
        rejected = whole
    code = document.get("code")
    return UploadAnswer(
        request,
        status,
        rejected=rejected,
        code=code if isinstance(code, str) else "",
        retry_after_s=_seconds(headers.get("retry-after", "")),
    )


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = from_json(body[:ANSWER_BYTES_MAX])
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _whole_list(document: dict[str, Any]) -> tuple[tuple[int, str], ...] | None:
    """Read who was refused; None unless each has its number and all that were counted are there."""
    items = document.get("rejected_events")
    if not isinstance(items, list) or document.get("rejected", len(items)) != len(items):
        return None
    if not all(isinstance(i, dict) and type(i.get("sequence_number")) is int for i in items):
        return None
    return tuple((item["sequence_number"], str(item.get("reason", ""))) for item in items)


def _seconds(text: str) -> int:
    # A date in Retry-After needs a clock of the backend's; the badge backs off by itself then.
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
