"""What a real server has answered, kept beside the run: `--resume` gives it again unasked."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any

from pydantic_core import to_json

from badge.contract.documents import parse
from badge.effects import Upload
from badge.host.files import named
from badge.inputs import UploadAnswer
from sim.fleet.upload.backend import Backend, Reply

Turn = tuple[str, int]  # a badge, and which of its uploads that reached the server


class KeptAnswers:
    """A cloud that remembers another one: known uploads are answered at once, others are sent.

    A run is known again upload by upload, by its bytes; where it differs from what was kept, all
    later uploads of that badge are sent.  `of_none`: whether that no answer came is one, too.
    """

    def __init__(self, backend: Backend, folder: Path, name: str, *, of_none: bool) -> None:
        self._backend, self._of_none = backend, of_none
        self._known = dict(_read_all(folder))
        self._turns: Counter[str] = Counter()
        folder.mkdir(exist_ok=True)
        self._path = folder / f"{name}.ndjson"
        _mend(self._path)
        # Unbuffered: what is known to be answered must outlive this process, and is not sent again.
        self._file = self._path.open("ab", buffering=0)

    def post(self, device_id: str, upload: Upload) -> Reply:
        """Answer out of the file, or send."""
        self._turns[device_id] += 1
        turn = device_id, self._turns[device_id]
        digest = blake2b(upload.body, digest_size=8).hexdigest()
        kept = self._known.pop(turn, None)
        if kept is not None and kept["body"] == digest:
            return Reply(_answer(upload.request, kept))
        if kept is not None:
            self._known = {key: one for key, one in self._known.items() if key[0] != device_id}
        reply = self._backend.post(device_id, upload)
        reply.then(partial(self._keep, turn, digest))
        return reply

    def _keep(self, turn: Turn, digest: str, answer: UploadAnswer) -> None:
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
        }
        line = to_json(document) + b"\n"
        try:
            if self._file.write(line) < len(line):  # the disk is full, and says so at the next one
                self._file.write(line)
        except OSError as error:
            raise named(error, self._path) from None

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _answer(request: int, kept: dict[str, Any]) -> UploadAnswer:
    rejected = tuple((number, reason) for number, reason in kept["rejected"])
    return UploadAnswer(request, kept["status"], rejected, kept["code"], kept["retry_after_s"])


def _read_all(folder: Path) -> Iterator[tuple[Turn, dict[str, Any]]]:
    """Read every file of every process; the last one of a turn counts."""
    for path in sorted(folder.glob("*.ndjson")):
        for line in path.read_bytes().splitlines(keepends=True):
            if line.endswith(b"\n"):
                document = parse(line, str(path))
                yield (document["device_id"], document["turn"]), document


def _mend(path: Path) -> None:
    """Cut off a last line that was under way when the process was killed."""
    if path.exists():
        content = path.read_bytes()
        if not content.endswith(b"\n"):
            os.truncate(path, content.rfind(b"\n") + 1)
