"""file.*: what has changed, how much is held, and throwing it away."""

from __future__ import annotations

from sim.notecard.card.card import Card, Request
from sim.notecard.codec.arguments import Args, Members, RequestError, spoken
from sim.notecard.storage.notefiles import Notefile, check_name


def _asked(card: Card, args: Args) -> list[Notefile]:
    names = args.strings("files")
    return [file for file in card.files if not names or file.name in names]


def changes(card: Card, args: Args) -> Members:
    """file.changes: totals a file; with a tracker also the changes that it has not seen."""
    tracker = args.text("tracker")
    info: Members = {}
    for file in _asked(card, args):
        new = len(file.since(tracker)) if tracker else 0
        info[file.name] = spoken(changes=new, total=len(file.live()))
    return _summed(info)


def _summed(info: Members) -> Members:
    if not info:
        return {}
    return spoken(
        total=sum(one.get("total", 0) for one in info.values()),
        changes=sum(one.get("changes", 0) for one in info.values()),
        info=info,
    )


def changes_pending(card: Card, args: Args) -> Members:
    """file.changes.pending: what waits for Notehub; {} if nothing does."""
    info: Members = {}
    for file in _asked(card, args):
        waiting = len(file.unsent())
        if waiting:
            info[file.name] = {"changes": waiting, "total": len(file.live())}
    return _summed(info) | ({"pending": True} if info else {})


def stats(card: Card, args: Args) -> Members:
    """file.stats: notes held, changes that wait, and whether a sync is due."""
    name = args.text("file")
    files = [card.files.find(name)] if name else list(card.files)
    waiting = sum(len(file.unsent()) for file in files)
    return spoken(total=sum(len(file.live()) for file in files), changes=waiting, sync=waiting > 0)


def delete(card: Card, args: Args) -> Members:
    """file.delete: files with their notes; one that is not there is no error."""
    if not args.strings("files"):
        raise RequestError("files is required")
    for name in args.strings("files"):
        card.state.files.pop(check_name(name, reserved=True), None)
    card.touch()
    return {}


def clear(card: Card, args: Args) -> Members:
    """file.clear: throw the waiting notes of an outbound queue away."""
    file = card.files.find(check_name(args.required("file"), reserved=True))
    if not file.name.endswith((".qo", ".qos")):
        raise RequestError(f"{file.name}: only outbound queues can be cleared {{incompatible}}")
    file.notes.clear()
    card.touch()
    return {}


REQUESTS: dict[str, Request] = {
    "file.changes": changes,
    "file.changes.pending": changes_pending,
    "file.stats": stats,
    "file.delete": delete,
    "file.clear": clear,
}
