"""A cause in words, one sentence a step: the page and the terminal say the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from badge.entry import UNIX_MS_END, timestamp
from badge.words import counted

_SHOWN = 110


def moment(ms: float, offset_ms: float | None) -> str:
    """Write a moment of a recording: UTC where the badge ever learnt it, and ms."""
    unix_ms = None if offset_ms is None else ms + offset_ms
    if unix_ms is None or not 0 <= unix_ms < UNIX_MS_END:
        return f"{ms:.0f} ms"
    whole = timestamp(int(unix_ms // 1000))
    return f"{whole[11:19]}.{int(unix_ms % 1000):03d} UTC ({ms:.0f} ms)"


def why_in_words(why: Mapping[str, Any] | None, offset_ms: float | None) -> list[str]:
    """Tell a cause of `why.Causes` step by step; nothing if there is none."""
    if why is None:
        return []
    told = [f"{moment(why['ms'], offset_ms)}: {_input(why['input'])}"]
    told += [
        f"machine {row['machine']}: {row['state']}, told “{row['fact']}”: {row['action']}, "
        f"then {row['next']}"
        for row in why["rows"]
    ]
    wait = "event waits" if why["queued"] == 1 else "events wait"
    told.append(f"it gets its number; the shift is {why['state']}, {why['queued']} {wait}")
    told += [_flash(write) for write in why["flash"]]
    for batch in why["sent"]:
        told += _batch(batch, offset_ms)
    told += [notice["text"] for notice in why.get("notices", ())]
    if not why["sent"]:
        told.append("it has not been sent")
    return told


def _input(given: Mapping[str, Any]) -> str:
    kind = given["type"]
    if kind == "deadline":
        return "a deadline of the badge falls due"
    facts = ", ".join(f"{name} {_value(value)}" for name, value in given.items() if name != "type")
    text = f"the input {kind}{': ' if facts else ''}{facts}"
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _value(given: Any) -> str:
    """Write what an input holds: of a list the parts, `AA:BB:CC:DD:EE:01 -64`, as people do."""
    if not isinstance(given, list | tuple):
        return str(given)
    pairs = (one if isinstance(one, list | tuple) else [one] for one in given)
    return ", ".join(" ".join(map(str, one)) for one in pairs) or "nothing"


def _flash(write: Mapping[str, Any]) -> str:
    if "erase" in write:
        return f"flash: the page at {write['erase']:#x} is erased"
    return f"flash: {counted(write['bytes'], 'byte')} at {write['address']:#x}"


def _batch(batch: Mapping[str, Any], offset_ms: float | None) -> list[str]:
    noun = "event" if batch["events"] == 1 else "events"
    told = [
        f"{moment(batch['ms'], offset_ms)}: sent in request {batch['request']} with "
        f"{batch['events']} {noun} ({batch['first']} to {batch['last']})"
    ]
    answer = batch["answer"]
    if answer is None:
        return [*told, "no answer came"]
    said = "no answer" if answer["status"] is None else str(answer["status"])
    if "code" in answer:
        said += f" {answer['code']}"
    if "rejected" in answer:
        said += f", and this event was refused: {answer['rejected']}"
    return [*told, f"{moment(answer['ms'], offset_ms)}: answered {said}"]
