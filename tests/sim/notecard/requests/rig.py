"""Blues' published schema of the requests, read where it is: it has no licence to keep it."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from tests.paths import SHARED

FOLDER = SHARED / "notecard-schema"
SUFFIX = ".notecard.api.json"
ENVELOPE = ("req", "cmd")

CONTRADICTED = {
    "card.version": {
        "api": "notecard-rs has it in captured answers",
        "ordering_code": "notecard-rs has it in a captured answer",
    },
    "card.wireless": {"mode": "notecard-rs has it in captured answers"},
    "note.get": {
        "note": "notecard-rs cannot read a database's note without it",
        "connected": "note-cli -when-connected waits for it on _synclog.qi",
    },
    "note.changes": {
        "payload": "note-go reads it of each note",
        "deleted": "note-go reads it of each note",
    },
    "web.put": {
        "cobs": "note-c's bench test wants it after web.put, too",
        "length": "note-c's bench test wants it after web.put, too",
    },
}
"""Members of answers that the schema does not know, and the real program that does."""


@cache
def document(name: str, way: str) -> dict[str, Any]:
    """The schema of a request (``req``) or its answer (``rsp``)."""
    schema: dict[str, Any] = json.loads(
        (FOLDER / f"{name}.{way}{SUFFIX}").read_text(encoding="utf-8")
    )
    return schema


@cache
def names() -> list[str]:
    """All requests; none where the schema is not."""
    suffix = f".req{SUFFIX}"
    return sorted(path.name.removesuffix(suffix) for path in FOLDER.glob(f"*{suffix}"))


def parameters(name: str) -> list[str]:
    """The documented parameters of a request."""
    return [one for one in document(name, "req")["properties"] if one not in ENVELOPE]


def samples(name: str) -> list[dict[str, Any]]:
    """The requests that the schema gives as examples, each as one that is answered."""
    found = [json.loads(one["json"]) for one in document(name, "req").get("samples", ())]
    flat = [one for sample in found for one in (sample if isinstance(sample, list) else [sample])]
    return [{"req" if key == "cmd" else key: value for key, value in one.items()} for one in flat]


@cache
def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(document(name, "rsp"))


def faults(name: str, answer: dict[str, Any]) -> list[str]:
    """What the schema has against an answer, but for `CONTRADICTED` and the words of errors."""
    known = CONTRADICTED.get(name, {})
    shown = {key: value for key, value in answer.items() if key not in known and key != "err"}
    if name == "note.changes" and "notes" in shown:
        shown["notes"] = {
            note_id: {key: value for key, value in note.items() if key not in known}
            for note_id, note in shown["notes"].items()
        }
    if "err" in answer and not shown:
        return []  # a refusal has no members to be judged
    return [f"{name}: {error.message[:200]}" for error in validator(name).iter_errors(shown)]
