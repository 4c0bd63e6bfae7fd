"""note.add, get, update, delete and changes."""

from __future__ import annotations

from base64 import b64encode

from sim.notecard.card.card import Card, Request
from sim.notecard.codec.arguments import Args, Members, RequestError, spoken
from sim.notecard.storage.notefiles import PLAIN_NOTES_MAX, Note, Notefile, check_name
from sim.notecard.storage.templates import fit

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
    if args.flag("limit") and card.penalised:
        raise RequestError("note not added: in penalty box {extended-network-failure}")
    file = card.state.files.get(name) or Notefile(name)
    note_id = _new_id(card, file, args)
    parts = _parts(card, file, args)
    _check_network(card, file)
    _check_room(file, args.integer("max"))
    file = card.files.open(name)
    note_id = note_id or file.next_queue_id()
    note = card.add_note(file, note_id, **parts, full=args.flag("full"), live=args.flag("live"))
    _spare_flash(card, file, note, args)
    _maybe_sync(card, file, args)
    card.watch("note", f"{name}: {len(file.live())} held")
    return spoken(
        note=note_id if args.text("note") == "?" else "", template=file.template is not None
    ) | {"total": len(file.live())}


def _check_network(card: Card, file: Notefile) -> None:
    """By satellite, or as if, only what has a compact template with a port may be added."""
    allowed = card.state.family("transport").get("allow")
    if card.radio.satellite and file.goes_out and not file.for_satellite and not allowed:
        raise RequestError(f"{file.name}: NTN requires a compact template and port {{template}}")


def _spare_flash(card: Card, file: Notefile, note: Note, args: Args) -> None:
    """Templated notes wait in RAM for their page of flash, unless `verify` wants them there."""
    if file.template is not None and not args.flag("verify"):
        card.notebook.cache(note)


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
        return fresh_id(card, file)
    held = file.notes.get(given)
    if held is not None and not held.deleted:
        raise RequestError(f"{given}: note already exists {{note-exists}}")
    return given


def fresh_id(card: Card, file: Notefile) -> str:
    """An ID that no note of the file has."""
    while (made := card.random.randbytes(4).hex()) in file.notes:
        pass
    return made


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
    """`start` is the older name of `sync`; with `max` only the note that fills the file syncs."""
    full = args.integer("max") <= 0 or len(file.live()) >= args.integer("max")
    if (args.flag("sync") or args.flag("start")) and full:
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
    named = {} if file.queue else {"note": note.note_id}  # note-c and drivers in Rust want it
    return named | spoken(payload=note.payload, time=note.when_s) | _body(note)


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
        raise RequestError(
            "no notes available in queue {note-noexist}", **spoken(connected=card.link.connected)
        )
    line = card.sync.log[0]
    if args.flag("delete"):
        card.sync.log.popleft()
    return {"body": line.body()} | spoken(time=line.time_s, connected=card.link.connected)


def _database(card: Card, args: Args) -> Notefile:
    file = card.files.find(check_name(args.required("file"), reserved=True))
    if file.queue:
        raise RequestError(f"{file.name}: not allowed on a queue {{notefile-queue-disallowed}}")
    return file


def update(card: Card, args: Args) -> Members:
    """note.update: replace body and payload of one note of a database."""
    file = _database(card, args)
    note = _wanted(file, args.required("note"), False)
    if args.body() is None and not args.text("payload"):
        raise RequestError("body or payload is required")
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
    needs = [name for name in ("start", "reset", "stop") if args.flag(name)]
    if needs and not tracker:
        raise RequestError(f"{needs[0]}: a tracker is required")
    if args.flag("start") or args.flag("reset"):
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
    shown: Members = {"body": note.body or {}, "time": note.when_s}
    return shown | spoken(payload=note.payload, deleted=note.deleted)


def event(card: Card, args: Args) -> Members:
    """note.event: a body as Notehub would route it, for a host that posts it itself."""
    note = Note("", body=args.body() or {}, when_s=card.clock.utc_s)
    where = card.gps.position
    placed = {} if where is None else {"where_lat": where.lat, "where_lon": where.lon}
    return {
        "body": spoken(
            req="note.add",
            device=card.identity.device,
            sn=card.hub_settings.get("sn"),
            product=card.hub_settings.get("product"),
            file=check_name(args.text("file", "data.qo")),
            when=note.when_s,
            body=note.body,
            **placed,
        )
    }


REQUESTS: dict[str, Request] = {
    "note.add": add,
    "note.get": get,
    "note.update": update,
    "note.delete": delete,
    "note.changes": changes,
    "note.event": event,
}
