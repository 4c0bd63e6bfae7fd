"""var.*: one value by name, kept as a note of a database."""

from __future__ import annotations

from sim.notecard.codec.arguments import Args, CardError, spoken
from sim.notecard.model.card import Board, Request
from sim.notecard.model.notefiles import Notefile, check_name
from sim.notecard.model.outputs import Members


def _file_name(args: Args) -> str:
    name = check_name(args.text("file", "vars.db"))
    if not name.endswith((".db", ".dbs", ".dbx")):
        raise CardError(f"{name}: variables need a database {{notefile-bad-name}}")
    return name


def set_(board: Board, args: Args) -> Members:
    """var.set: text, value or flag under a name."""
    name = args.required("name")
    if not any(kind in args for kind in ("text", "value", "flag")):
        raise CardError("text, value or flag is required")
    body = {kind: args.all[kind] for kind in ("text", "value", "flag") if kind in args}
    board.add_note(board.files.open(_file_name(args)), name, body=body)
    if args.flag("sync"):
        board.sync.request(board.clock.now_ms)
    return {}


def _file(board: Board, args: Args) -> Notefile:
    return board.files.find(_file_name(args))


def get(board: Board, args: Args) -> Members:
    """var.get: what var.set stored; false, 0 and "" are absent as everywhere."""
    name = args.required("name")
    note = _file(board, args).notes.get(name)
    if note is None or note.deleted:
        raise CardError(f"{name}: variable does not exist {{note-noexist}}")
    return spoken(**{key: (note.body or {}).get(key) for key in ("text", "value", "flag")})


def delete(board: Board, args: Args) -> Members:
    """var.delete."""
    name = args.required("name")
    file = _file(board, args)
    note = file.notes.get(name)
    if note is None or note.deleted:
        raise CardError(f"{name}: variable does not exist {{note-noexist}}")
    file.remove(note)
    board.touch()
    return {}


REQUESTS: dict[str, Request] = {"var.set": set_, "var.get": get, "var.delete": delete}
