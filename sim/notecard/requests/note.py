"""note.add, get, update, delete and changes."""

from __future__ import annotations

from base64 import b64encode

from sim.notecard.codec.arguments import Args, CardError, spoken
from sim.notecard.model.card import Board, Request
from sim.notecard.model.link import LinkState
from sim.notecard.model.notefiles import PLAIN_NOTES_MAX, Note, Notefile, check_name
from sim.notecard.model.outputs import Members
from sim.notecard.model.templates import fit

PAYLOAD_BYTES_MAX = 256  # of a file without a template
SYNC_LOG = "_synclog.qi"
SUBSYSTEMS = "sync:Sync"


def add(board: Board, args: Args) -> Members:
    """note.add: to an outbound queue, or to a database under an ID (``?``: make one up)."""
    name = check_name(args.text("file", "data.qo"))
    if name.endswith((".qi", ".qis")):
        raise CardError(f"{name}: notes cannot be added to an inbound queue {{notefile-bad-name}}")
    if args.text("key"):
        raise CardError("key: encryption is not supported {not-supported}")
    if args.flag("limit") and board.link.state is LinkState.PENALTY:
        raise CardError("note not added: in penalty box {extended-network-failure}")
    file = board.state.files.get(name) or Notefile(name)
    note_id = _new_id(board, file, args)
    parts = _parts(board, file, args)
    _check_room(file, args.integer("max"))
    file = board.files.open(name)
    board.add_note(file, note_id or file.next_queue_id(), **parts, full=args.flag("full"))
    _maybe_sync(board, file, args)
    board.watch("note", f"{name}: {len(file.live())} held")
    if args.text("note") == "?":
        return {"note": note_id}
    if file.template is not None:
        return {"template": True}
    return {"total": len(file.live())}


def _new_id(board: Board, file: Notefile, args: Args) -> str:
    """The ID under which a database keeps the note; "" for a queue, which counts by itself."""
    given = args.text("note")
    if file.queue:
        if given:
            raise CardError(f"{file.name}: a queue has no note IDs {{notefile-queue-disallowed}}")
        return ""
    if not given:
        raise CardError(f"{file.name}: a note ID is required for a database")
    if given == "?":
        return board.random.randbytes(4).hex()
    held = file.notes.get(given)
    if held is not None and not held.deleted:
        raise CardError(f"{given}: note already exists {{note-exists}}")
    return given


def _parts(board: Board, file: Notefile, args: Args) -> Members:
    """Body and payload as they will be kept."""
    body, payload = args.body(), args.text("payload")
    if args.flag("binary"):
        if not args.flag("live"):
            raise CardError("binary requires live {incompatible}")
        payload = b64encode(board.store.slice(0, 0)).decode()
    elif file.template is None and len(args.payload() or b"") > PAYLOAD_BYTES_MAX:
        raise CardError(f"payload: more than {PAYLOAD_BYTES_MAX} bytes {{too-big}}")
    if body is not None and file.template is not None:
        body = fit(file.template, body, file.template_options.get("format") == "compact")
    return {"body": body, "payload": payload}


def _check_room(file: Notefile, limit: int) -> None:
    held = len(file.live())
    limits = [limit] if limit > 0 else []
    limits += [PLAIN_NOTES_MAX] if file.template is None else []
    if limits and held >= min(limits):
        raise CardError(f"{file.name}: {held} notes is the maximum {{note-max}}")


def _maybe_sync(board: Board, file: Notefile, args: Args) -> None:
    full = not args.integer("max") or len(file.live()) >= args.integer("max")
    if args.flag("sync") and full:
        board.sync.request(board.clock.now_ms)


def get(board: Board, args: Args) -> Members:
    """note.get: the oldest of a queue or one of a database; `delete` takes it away."""
    name = check_name(args.text("file", "data.qi"), reserved=True)
    if name == SYNC_LOG:
        return _sync_log(board, args)
    file = board.files.find(name)
    note = _wanted(file, args.text("note"), args.flag("deleted"))
    if args.flag("delete"):
        file.remove(note)
        board.touch()
    return spoken(payload=note.payload, time=note.when_s) | _body(note)


def _body(note: Note) -> Members:
    return {} if note.body is None else {"body": note.body}


def _wanted(file: Notefile, note_id: str, deleted: bool) -> Note:
    if file.queue and not note_id:
        live = file.live()
        if not live:
            raise CardError("no notes available in queue {note-noexist}")
        return live[0]
    note = file.notes.get(note_id)
    if note is None or (note.deleted and not deleted):
        raise CardError(f"{note_id or 'note'}: note does not exist {{note-noexist}}")
    return note


def _sync_log(board: Board, args: Args) -> Members:
    if args.flag("start"):
        return {"status": SUBSYSTEMS}
    if not board.sync.log:
        raise CardError("no notes available in queue {note-noexist}")
    line = board.sync.log[0]
    if args.flag("delete"):
        board.sync.log.popleft()
    return {"body": line.body()} | spoken(time=line.time_s)


def _database(board: Board, args: Args) -> Notefile:
    file = board.files.find(check_name(args.required("file"), reserved=True))
    if file.queue:
        raise CardError(f"{file.name}: not allowed on a queue {{notefile-queue-disallowed}}")
    return file


def update(board: Board, args: Args) -> Members:
    """note.update: replace body and payload of one note of a database."""
    file = _database(board, args)
    note = _wanted(file, args.required("note"), False)
    parts = _parts(board, file, args)
    note.body, note.payload = parts["body"], parts["payload"]
    note.when_s, note.sent = board.clock.utc_s, False
    file.put(note)
    board.touch()
    if args.flag("sync"):
        board.sync.request(board.clock.now_ms)
    return {}


def delete(board: Board, args: Args) -> Members:
    """note.delete: leave a tombstone in a database."""
    file = _database(board, args)
    file.remove(_wanted(file, args.required("note"), False))
    board.touch()
    return {}


def changes(board: Board, args: Args) -> Members:
    """note.changes: the notes a tracker has not seen yet, or without one all of them."""
    file = board.files.find(check_name(args.required("file"), reserved=True))
    tracker = args.text("tracker")
    if tracker and (args.flag("start") or args.flag("reset")):
        file.trackers[tracker] = 0
    new = file.since(tracker) if tracker else list(file.notes.values())
    new = [note for note in new if args.flag("deleted") or not note.deleted]
    shown = new[: args.integer("max")] if args.integer("max") > 0 else new
    found = spoken(
        changes=len(new) if tracker else 0,
        total=len(file.live()),
        notes={note.note_id: _shown(note) for note in shown} or None,
    )
    _settle(board, file, tracker, shown, args)
    return found


def _settle(board: Board, file: Notefile, tracker: str, shown: list[Note], args: Args) -> None:
    if tracker and shown:
        file.trackers[tracker] = max(note.change for note in shown)
    if tracker and args.flag("stop"):
        file.trackers.pop(tracker, None)
    for note in shown if args.flag("delete") else ():
        if not note.deleted:
            file.remove(note)
    board.touch()


def _shown(note: Note) -> Members:
    return _body(note) | spoken(payload=note.payload, time=note.when_s, deleted=note.deleted)


REQUESTS: dict[str, Request] = {
    "note.add": add,
    "note.get": get,
    "note.update": update,
    "note.delete": delete,
    "note.changes": changes,
}
