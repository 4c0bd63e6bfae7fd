"""var.*: one value by name, kept as a note of a database."""

from __future__ import annotations

from sim.notecard.card.card import Card, Request
from sim.notecard.codec.arguments import Args, Members, RequestError, spoken
from sim.notecard.storage.notefiles import Notefile, check_name


def _file_name(args: Args) -> str:
    name = check_name(args.text("file", "vars.db"))
    if not name.endswith((".db", ".dbs", ".dbx")):
        raise RequestError(f"{name}: variables need a database {{notefile-bad-name}}")
    return name


def set_(card: Card, args: Args) -> Members:
    """var.set: text, value or flag under a name."""
    name = args.required("name")
    if not any(kind in args for kind in ("text", "value", "flag")):
        raise RequestError("text, value or flag is required")
    body = {kind: args.all[kind] for kind in ("text", "value", "flag") if kind in args}
    card.add_note(card.files.open(_file_name(args)), name, body=body)
    if args.flag("sync"):
        card.sync.request(card.clock.now_ms)
    return {}


def _file(card: Card, args: Args) -> Notefile:
    return card.files.find(_file_name(args))


def get(card: Card, args: Args) -> Members:
    """var.get: what var.set stored; false, 0 and "" are absent as everywhere."""
    name = args.required("name")
    note = _file(card, args).notes.get(name)
    if note is None or note.deleted:
        raise RequestError(f"{name}: variable does not exist {{note-noexist}}")
    return spoken(**{key: (note.body or {}).get(key) for key in ("text", "value", "flag")})


def delete(card: Card, args: Args) -> Members:
    """var.delete."""
    name = args.required("name")
    file = _file(card, args)
    note = file.notes.get(name)
    if note is None or note.deleted:
        raise RequestError(f"{name}: variable does not exist {{note-noexist}}")
    file.remove(note)
    card.touch()
    return {}


REQUESTS: dict[str, Request] = {"var.set": set_, "var.get": get, "var.delete": delete}
