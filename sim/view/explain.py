"""One event in words, for a terminal: what it says, what was true, and why it was logged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim.view.model.moments import in_words
from sim.view.model.sides import brief
from sim.view.sources.opened import Opened

NO_CAUSE = (
    "why is not known: no recording of this badge is beside it "
    "(badge simulate --record, badge run --record)"
)


def document_of(opened: Opened, row: int) -> dict[str, Any]:
    """Give all there is about the event of a row, as JSON values."""
    picture = opened.picture
    events = picture.tables["events"]
    at = in_words(float(events["t_ms"][row]), picture)
    badge = picture.document["devices"][int(events["device"][row])]
    return {"at": at, "badge": badge["id"], "worker": badge["worker"], **opened.about(row)}


def lines_of(document: dict[str, Any]) -> Iterator[str]:
    """Tell it line by line; the first is the heading."""
    event = document.get("event", {})
    worker = f" ({document['worker']})" if document["worker"] else ""
    number, kind = event.get("sequence_number", "?"), event.get("event_type", "?")
    yield f"event {number} of {document['badge']}{worker}: {kind} at {document['at']}"
    yield f"  says    {brief(event.get('payload'))}"
    if truth := document.get("truth"):
        yield f"  truth   {brief(truth)}"
    if difference := document.get("difference"):
        yield from (f"  {line}" for line in str(difference).splitlines())
    yield from (f"  finding {text}" for text in document.get("findings", ()))
    words = document.get("why_words") or [NO_CAUSE]
    yield from (f"  {number}. {text}" for number, text in enumerate(words, 1))
