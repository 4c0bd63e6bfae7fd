"""Where a replay keeps its answers: a folder that the same command goes on with."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from pydantic_core import to_json

from badge.errors import InputError
from badge.host.documents import read_model
from badge.host.files import whole_file, write_whole
from badge.host.systems import lock
from sim.fleet.output.folder import ANSWERS, REQUESTS
from sim.fleet.upload.kept_answers import request_log
from sim.fleet.upload.keys import FILE as KEYS
from sim.fleet.upload.keys import keep_key, keep_keys, kept_keys

PLAN = "asked.json"


@dataclass(frozen=True, slots=True)
class ReplayPlan:
    """What makes a replay the same one: its words' digest; the shift, which `now` decides once."""

    digest: str
    shift_s: int
    whole: bool = False


class ReplayFolder:
    """A replay's folder, for this process alone while the block lasts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.answers = path / ANSWERS

    def __enter__(self) -> ReplayFolder:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = (self.path / "lock").open("ab")
        except OSError as error:
            raise InputError(f"--out {self.path}: {error.strerror or error}") from None
        try:
            lock(self._lock)
        except BlockingIOError:
            self._lock.close()
            raise InputError(f"{self.path}: another process replays into it; wait for it") from None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lock.close()

    def begin(self, digest: str, shift_s: Callable[[], int]) -> ReplayPlan:
        """Begin, or go on; InputError if something else lies there, or all is sent already."""
        file = self.path / PLAN
        if file.is_file():
            plan = read_model(ReplayPlan, file)
            if plan.digest != digest:
                raise InputError(
                    f"{self.path}: holds another replay; name a folder of its own with --out"
                )
            if plan.whole:
                raise InputError(
                    f"{self.path}: this replay is done, its answers are in {REQUESTS}; "
                    "--out FOLDER sends it again"
                )
            return plan
        if self.answers.exists() or (self.path / REQUESTS).exists():
            raise InputError(f"{self.path}: holds something else; name another folder with --out")
        plan = ReplayPlan(digest, shift_s())
        write_whole(file, to_json(plan) + b"\n")
        return plan

    def keys(self) -> dict[str, str]:
        """Give the keys that the replay got before it was stopped."""
        return kept_keys(self.path)

    def keep_key(self, device_id: str, key: str) -> None:
        """Keep a key that has just come."""
        keep_key(self.path, device_id, key)

    def keep_keys(self, keys: dict[str, str]) -> None:
        """Keep keys: a server shows each of them only once."""
        if keys:
            keep_keys(self.path / KEYS, keys)

    def write_ledger(self) -> Path:
        """Write every answer so far, a line each; see `request_log`."""
        path = self.path / REQUESTS
        with whole_file(path) as file:
            file.writelines(request_log(self.answers))
        return path

    def finish(self, plan: ReplayPlan) -> None:
        """All is answered: the ledger is whole."""
        write_whole(
            self.path / PLAN, to_json(ReplayPlan(plan.digest, plan.shift_s, whole=True)) + b"\n"
        )
        shutil.rmtree(self.answers, ignore_errors=True)
