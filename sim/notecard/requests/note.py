"""note.add, get, update, delete and changes."""

from __future__ import annotations

from base64 import b64encode

from sim.notecard.card.card import Card, Request
from sim.notecard.codec.arguments import Args, Members, RequestError, spoken
from sim.notecard.model.link import LinkState
from sim.notecard.model.notefiles import PLAIN_NOTES_MAX, Note, Notefile, check_name
from sim.notecard.model.templates import fit

PAYLOAD_BYTES_MAX = 256  # of a file without a template
SYNC_LOG = "_synclog.qi"
SUBSYSTEMS = "sync:Sync"


def add(card: Card, args: Args) -> Members:
    """note.add: to an outbound queue, or to a database under an ID (``?``: make one up)."""
    name = check_name(args.text("file", "data.qo"))
    if name.endswith((".qi", ".qis")):
        raise RequestError(
            f"{name}: notes cannot be added to an inbound queue {{notefile-bad-name}}"
        )
    if args.text("key"):
        raise RequestError("key: encryption is not supported {not-supported}")
    if args.flag("limit") and card.link.state is LinkState.PENALTY:
        raise RequestError("note not added: in penalty box {extended-network-failure}")
    file = card.state.files.get(name) or Notefile(name)
    note_id = _new_id(card, file, args)
    parts = _parts(card, file, args)
    _check_room(file, args.integer("max"))
    file = card.files.open(name)
    card.add_note(file, note_id or file.next_queue_id(), **parts, full=args.flag("full"))
    _maybe_sync(card, file, args)
    card.watch("note", f"{name}: {len(file.live())} held")
    if args.text("note") == "?":
        return {"note": note_id}
    if file.template is not None:
        return {"template": True}
    return {"total": len(file.live())}


def _new_id(card: Card, file: Notefile, args: Args) -> str:
    """The ID under which a database keeps the note; "" for a queue, which counts by itself."""
    given = args.text("note")
    if file.queue:
        if given:
            raise RequestError(
                f"{file.name}: a queue has no note IDs {{notefile-queue-disallowed}}"
            )
        return ""
    if not given:
        raise RequestError(f"{file.name}: a note ID is required for a database")
    if given == "?":
        return card.random.randbytes(4).hex()
    held = file.notes.get(given)
    if held is not None and not held.deleted:
        raise RequestError(f"{given}: note already exists {{note-exists}}")
    return given


def _parts(card: Card, file: Notefile, args: Args) -> Members:
    """Body and payload as they will be kept."""
    body, payload = args.body(), args.text("payload")
    if args.flag("binary"):
        if not args.flag("live"):
            raise RequestError("binary requires live {incompatible}")
        payload = b64encode(card.store.slice(0, 0)).decode()
    elif file.template is None and len(args.payload() or b"") > PAYLOAD_BYTES_MAX:
        raise RequestError(f"payload: more than {PAYLOAD_BYTES_MAX} bytes {{too-big}}")
    if body is not None and file.template is not None:
        body = fit(file.template, body, file.template_options.get("format") == "compact")
    return {"body": body, "payload": payload}


def _check_room(file: Notefile, limit: int) -> None:
    held = len(file.live())
    limits = [limit] if limit > 0 else []
    limits += [PLAIN_NOTES_MAX] if file.template is None else []
    if limits and held >= min(limits):
        raise RequestError(f"{file.name}: {held} notes is the maximum {{note-max}}")


def _maybe_sync(card: Card, file: Notefile, args: Args) -> None:
    full = not args.integer("max") or len(file.live()) >= args.integer("max")
    if args.flag("sync") and full:
        card.sync.request(card.clock.now_ms)


def get(card: Card, args: Args) -> Members:
    """note.get: the oldest of a queue or one of a database; `delete` takes it away."""
    name = check_name(args.text("file", "data.qi"), reserved=True)
    if name == SYNC_LOG:
        return _sync_log(card, args)
    file = card.files.find(name)
    note = _wanted(file, args.text("note"), args.flag("deleted"))
    if args.flag("delete"):
        file.remove(note)
        card.touch()
    return spoken(payload=note.payload, time=note.when_s) | _body(note)


def _body(note: Note) -> Members:
    return {} if note.body is None else {"body": note.body}


def _wanted(file: Notefile, note_id: str, deleted: bool) -> Note:
    if file.queue and not note_id:
        live = file.live()
        if not live:
            raise RequestError("no notes available in queue {note-noexist}")
        return live[0]
    note = file.notes.get(note_id)
    if note is None or (note.deleted and not deleted):
        raise RequestError(f"{note_id or 'note'}: note does not exist {{note-noexist}}")
    return note


def _sync_log(card: Card, args: Args) -> Members:
    if args.flag("start"):
        return {"status": SUBSYSTEMS}
    if not card.sync.log:
        raise RequestError("no notes available in queue {note-noexist}")
    line = card.sync.log[0]
    if args.flag("delete"):
        card.sync.log.popleft()
    return {"body": line.body()} | spoken(time=line.time_s)


def _database(card: Card, args: Args) -> Notefile:
    file = card.files.find(check_name(args.required("file"), reserved=True))
    if file.queue:
        raise RequestError(f"{file.name}: not allowed on a queue {{notefile-queue-disallowed}}")
    return file


def update(card: Card, args: Args) -> Members:
    """note.update: replace body and payload of one note of a database."""
    file = _database(card, args)
    note = _wanted(file, args.required("note"), False)
    parts = _parts(card, file, args)
    note.body, note.payload = parts["body"], parts["payload"]
    note.when_s, note.sent = card.clock.utc_s, False
    file.put(note)
    card.touch()
    if args.flag("sync"):
        card.sync.request(card.clock.now_ms)
    return {}


def delete(card: Card, args: Args) -> Members:
    """note.delete: leave a tombstone in a database."""
    file = _database(card, args)
    file.remove(_wanted(file, args.required("note"), False))
    card.touch()
    return {}


def changes(card: Card, args: Args) -> Members:
    """note.changes: the notes a tracker has not seen yet, or without one all of them."""
    file = card.files.find(check_name(args.required("file"), reserved=True))
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
    _settle(card, file, tracker, shown, args)
    return found


def _settle(card: Card, file: Notefile, tracker: str, shown: list[Note], args: Args) -> None:
    if tracker and shown:
        file.trackers[tracker] = max(note.change for note in shown)
    if tracker and args.flag("stop"):
        file.trackers.pop(tracker, None)
    for note in shown if args.flag("delete") else ():
        if not note.deleted:
            file.remove(note)
    card.touch()


def _shown(note: Note) -> Members:
    return _body(note) | spoken(payload=note.payload, time=note.when_s, deleted=note.deleted)


REQUESTS: dict[str, Request] = {
    "note.add": add,
    "note.get": get,
    "note.update": update,
    "note.delete": delete,
    "note.changes": changes,
}
