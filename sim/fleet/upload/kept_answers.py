"""What a real server has answered, kept beside the run: `--resume` gives it again unasked."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from typing import Any

from pydantic_core import to_json

from badge.contract.documents import parse
from badge.effects import Upload
from badge.host.files import cut_unfinished_line, named
from badge.inputs import UploadAnswer
from sim.fleet.upload.backend import Backend, Reply

Turn = tuple[str, int]  # a badge, and which of its uploads that reached the server


class KeptAnswers:
    """A cloud that remembers another one: known uploads are answered at once, others are sent.

    A run is known again upload by upload, by its bytes; where it differs from what was kept, all
    later uploads of that badge are sent.  `of_none`: whether that no answer came is one, too.
    """

    def __init__(
        self,
        backend: Backend,
        folder: Path,
        name: str,
        *,
        of_none: bool,
        wall_s: Callable[[], float] = time.time,
    ) -> None:
        self._backend, self._of_none, self._wall_s = backend, of_none, wall_s
        self._known = dict(_read_all(folder))
        self._turns: Counter[str] = Counter()
        folder.mkdir(exist_ok=True)
        self._path = folder / f"{name}.ndjson"
        cut_unfinished_line(self._path)
        # Unbuffered: what is known to be answered must outlive this process, and is not sent again.
        self._file = self._path.open("ab", buffering=0)

    @staticmethod
    def turns(folder: Path) -> set[Turn]:
        """Name the uploads that have their answer in a folder; none if there is no folder."""
        return {turn for turn, _ in _read_all(folder)}

    def post(self, device_id: str, upload: Upload) -> Reply:
        """Answer out of the file, or send."""
        self._turns[device_id] += 1
        turn = device_id, self._turns[device_id]
        digest = blake2b(upload.body, digest_size=8).hexdigest()
        kept = self._known.pop(turn, None)
        if kept is not None and kept["body"] == digest:
            known = Reply(_answer(upload.request, kept))
            known.late_ms = kept.get("late_ms")
            return known
        if kept is not None:
            self._known = {key: one for key, one in self._known.items() if key[0] != device_id}
        begun_s = self._wall_s()
        reply = self._backend.post(device_id, upload)
        reply.then(partial(self._keep, turn, digest, upload, reply, begun_s))
        return reply

    def _keep(
        self,
        turn: Turn,
        digest: str,
        upload: Upload,
        reply: Reply,
        begun_s: float,
        answer: UploadAnswer,
    ) -> None:
        if answer.status is None and not self._of_none:
            return  # the run is over, and nothing has come
        document = {
            "device_id": turn[0],
            "turn": turn[1],
            "body": digest,
            "status": answer.status,
            "rejected": answer.rejected,
            "code": answer.code,
            "retry_after_s": answer.retry_after_s,
            "at": moment_words(begun_s),
            "first_sequence": upload.first_sequence,
            "last_sequence": upload.last_sequence,
            "events": upload.count,
            "ms": round((self._wall_s() - begun_s) * 1000),
            "tries": reply.tries,
        }
        reply.given_late = lambda ms: self._write({**document, "late_ms": ms})
        self._write(document)

    def _write(self, document: dict[str, Any]) -> None:
        line = to_json(document) + b"\n"
        try:
            if self._file.write(line) < len(line):  # the disk is full, and says so at the next one
                self._file.write(line)
        except OSError as error:
            raise named(error, self._path) from None

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def moment_words(unix_s: float) -> str:
    """Write a moment of the clock on the wall, to the millisecond."""
    return datetime.fromtimestamp(unix_s, UTC).isoformat(timespec="milliseconds")


def request_log(folder: Path) -> Iterator[bytes]:
    """Give a line for each upload that was answered, as it went, in the order of sending."""
    files = [list(_read_one(path)) for path in sorted(folder.glob("*.ndjson"))]
    for one in sorted(chain(*files), key=lambda one: (one.get("at", ""), one["device_id"])):
        if "late_ms" in one:
            continue  # the same once more
        known = {name: one[name] for name in _LOGGED if name in one}
        yield to_json(known | {"rejected": len(one["rejected"])}) + b"\n"


_LOGGED = (
    *("at", "device_id", "first_sequence", "last_sequence", "events", "status", "code"),
    *("ms", "tries"),
)


def _answer(request: int, kept: dict[str, Any]) -> UploadAnswer:
    rejected = tuple((number, reason) for number, reason in kept["rejected"])
    return UploadAnswer(request, kept["status"], rejected, kept["code"], kept["retry_after_s"])


def _read_all(folder: Path) -> Iterator[tuple[Turn, dict[str, Any]]]:
    """Read every file of every process; the last one of a turn counts."""
    for path in sorted(folder.glob("*.ndjson")):
        for document in _read_one(path):
            yield (document["device_id"], document["turn"]), document


def _read_one(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as lines:
        yield from (parse(line, str(path)) for line in lines if line.endswith(b"\n"))
