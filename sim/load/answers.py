"""What an answer is counted as: its status, and why, in the server's own words."""

from __future__ import annotations

from badge.contract.documents import parse
from badge.errors import InputError
from sim.net.answer_reader import AnswerReader

KNOWN_MAX = 256
BYTES_MAX = 1 << 20
_WORD_CHARS_MAX = 60


def label(read: AnswerReader) -> str:
    """Name an answer: its status, and behind what is no 2xx why."""
    if read.status in (200, 201, 202):
        return str(read.status)
    return f"{read.status} {_reason(read.body)}".strip()


def _reason(body: bytes) -> str:
    """Find the server's own word for why: a code, an error, or the first refusal's reason."""
    try:
        document = parse(body)
    except InputError:
        return ""
    if not isinstance(document, dict):
        return ""
    refused = document.get("rejected_events")
    first = refused[0] if isinstance(refused, list) and refused else {}
    word = document.get("code") or document.get("error")
    word = word or (first.get("reason") if isinstance(first, dict) else "") or ""
    # Numbers differ from answer to answer, and are no reason of their own.
    text = "".join("#" if char.isdigit() else char for char in str(word))
    return text[:_WORD_CHARS_MAX]
