"""file.*: what has changed, how much is held, and throwing it away."""

from __future__ import annotations

from sim.notecard.codec.arguments import Args, CardError, spoken
from sim.notecard.model.card import Board, Request
from sim.notecard.model.notefiles import Notefile, check_name
from sim.notecard.model.outputs import Members


def _asked(board: Board, args: Args) -> list[Notefile]:
    names = args.strings("files")
    return [file for file in board.files if not names or file.name in names]


def changes(board: Board, args: Args) -> Members:
    """file.changes: totals a file; with a tracker also the changes that it has not seen."""
    tracker = args.text("tracker")
    info: Members = {}
    for file in _asked(board, args):
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


def changes_pending(board: Board, args: Args) -> Members:
    """file.changes.pending: what waits for Notehub; {} if nothing does."""
    info: Members = {}
    for file in _asked(board, args):
        waiting = len(file.unsent())
        if waiting:
            info[file.name] = {"changes": waiting, "total": len(file.live())}
    return _summed(info) | ({"pending": True} if info else {})


def stats(board: Board, args: Args) -> Members:
    """file.stats: notes held, changes that wait, and whether a sync is due."""
    name = args.text("file")
    files = [board.files.find(name)] if name else list(board.files)
    waiting = sum(len(file.unsent()) for file in files)
    return spoken(total=sum(len(file.live()) for file in files), changes=waiting, sync=waiting > 0)


def delete(board: Board, args: Args) -> Members:
    """file.delete: files with their notes; one that is not there is no error."""
    if not args.strings("files"):
        raise CardError("files is required")
    for name in args.strings("files"):
        board.state.files.pop(check_name(name, reserved=True), None)
    board.touch()
    return {}


def clear(board: Board, args: Args) -> Members:
    """file.clear: throw the waiting notes of an outbound queue away."""
    file = board.files.find(check_name(args.required("file"), reserved=True))
    if not file.name.endswith((".qo", ".qos")):
        raise CardError(f"{file.name}: only outbound queues can be cleared {{incompatible}}")
    file.notes.clear()
    board.touch()
    return {}


REQUESTS: dict[str, Request] = {
    "file.changes": changes,
    "file.changes.pending": changes_pending,
    "file.stats": stats,
    "file.delete": delete,
    "file.clear": clear,
}
