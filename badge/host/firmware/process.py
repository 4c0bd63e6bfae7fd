"""A core in C in a process of its own: its crash is a finding, not the end of ours."""

from __future__ import annotations

import os
import socket
import struct
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from badge.config import BadgeConfig
from badge.effects import Effect
from badge.errors import BadgeError, InputError
from badge.inputs import Input, Tick
from badge.signals import unheard
from badge.storage.geometry import Geometry

if TYPE_CHECKING:
    from badge.host.firmware.library import LibraryBadge

ANSWER_S = 10.0


class CoreFailureError(BadgeError):
    """The core crashed, hung or refused what it was given: `given` says what that was."""

    def __init__(self, how: str, given: str) -> None:
        super().__init__(f"the core {how} at {given}")
        self.how, self.given = how, given

    def __reduce__(self) -> tuple[type[CoreFailureError], tuple[str, str]]:
        return type(self), (self.how, self.given)


class CoreProcess:
    """A badge whose core is in a shared library, with the face of `badge.Badge` towards a pump.

    Raises `InputError` if there is no such core or it does not start, `CoreFailureError` when it
    crashes, answers nothing for ten seconds, does what badge_core.h does not have, or is misused in
    its own view; it is started anew by `restart`.
    """

    def __init__(
        self,
        library: Path,
        config: BadgeConfig,
        firmware_version: str = "0.1.0",
        geometry: Geometry | None = None,
    ) -> None:
        self._made = (library, config, firmware_version, geometry or Geometry())
        self.config = config
        self.restart()

    def restart(self) -> None:
        """Begin with a new process, blank flash, and no boot yet."""
        self.close()
        # Not forked: a core is loaded into a process that holds nothing else.
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        _limit(self._pipe)
        self._process = context.Process(target=_serve, args=(theirs, *self._made), daemon=True)
        with unheard():
            self._process.start()
        theirs.close()
        self.abilities, self.next_deadline_ms = self._answer("its start")

    def receive(self, what: Input, now_ms: int) -> list[Effect]:
        """Take an input and return the effects, flash among them."""
        given = f"{what} at {now_ms} ms"
        self._ask("receive", given, what, now_ms)
        effects: list[Effect]
        effects, due_ms = self._answer(given)
        self.next_deadline_ms = due_ms
        if isinstance(what, Tick) and due_ms is not None and due_ms <= now_ms:
            raise CoreFailureError(f"wants to be called at {due_ms} ms again, for ever,", given)
        return effects

    def begin(self, config: BadgeConfig, firmware_version: str) -> None:
        """Be another badge: blank flash, no boot yet."""
        library, _, _, geometry = self._made
        given = f"the settings of {config.device_id}"
        self._ask("begin", given, config, firmware_version)
        self.next_deadline_ms = self._answer(given)
        self._made, self.config = (library, config, firmware_version, geometry), config

    def load(self, image: bytes) -> None:
        """Begin anew with this flash, before a boot."""
        self._ask("load", "a new start", image)
        self.next_deadline_ms = self._answer("a new start")

    def close(self) -> None:
        """End the process."""
        if (process := getattr(self, "_process", None)) is not None:
            self._pipe.close()
            process.kill()
            process.join()

    def __enter__(self) -> CoreProcess:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _ask(self, method: str, given: str, *values: Any) -> None:
        try:
            self._pipe.send((method, values))
        except OSError:
            raise CoreFailureError("had ended before", given) from None

    def _answer(self, given: str) -> Any:
        try:
            return self._heard(given)
        except CoreFailureError as error:
            if given != "its start":
                raise
            raise InputError(f"{self._made[0]}: {error}") from None

    def _heard(self, given: str) -> Any:
        if not self._pipe.poll(ANSWER_S):
            self._process.kill()
            raise CoreFailureError(f"answered nothing for {ANSWER_S:g} s", given)
        try:
            good, answer = self._pipe.recv()
        except BlockingIOError:  # the beginning of an answer
            self._process.kill()
            raise CoreFailureError(f"answered nothing for {ANSWER_S:g} s", given) from None
        except (EOFError, OSError):
            self._process.join(ANSWER_S)
            raise CoreFailureError(_ending(self._process.exitcode), given) from None
        except Exception:  # it wrote onto the pipe itself: whatever a damaged pickle raises
            self._process.kill()
            raise CoreFailureError("wrote into a file that is not its own", given) from None
        if not good:
            raise InputError(answer) if given == "its start" else CoreFailureError(answer, given)
        return answer


def _limit(pipe: Connection) -> None:
    """Let no read or write of the pipe wait for more than `ANSWER_S`."""
    wait = struct.pack("ll", int(ANSWER_S), int(ANSWER_S % 1 * 1e6))
    with socket.socket(fileno=os.dup(pipe.fileno())) as end:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, wait)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, wait)


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        return f"crashed with signal {-code}"
    return f"ended the process with exit code {code}"


def _serve(
    pipe: Connection, library: Path, config: BadgeConfig, version: str, geometry: Geometry
) -> None:
    """Answer until the other end is closed."""
    from badge.host.firmware.library import LibraryBadge

    os.dup2(2, 1)  # what it prints is no part of our answer, which may be JSON

    def made() -> LibraryBadge:
        return LibraryBadge(library, config, version, geometry)

    try:
        badge = made()
        pipe.send((True, (badge.abilities, badge.next_deadline_ms)))
        while True:
            method, values = pipe.recv()
            if method == "begin":
                config, version = values
                badge = made()
                pipe.send((True, badge.next_deadline_ms))
            elif method == "load":
                badge = made()
                badge.load(*values)
                pipe.send((True, badge.next_deadline_ms))
            else:
                pipe.send(_received(badge, *values))
    except InputError as error:
        pipe.send((False, str(error)))
    except (EOFError, OSError, KeyboardInterrupt):
        pass


def _received(badge: LibraryBadge, what: Input, now_ms: int) -> tuple[bool, Any]:
    from badge.host.firmware.library import CoreEffectError

    try:
        return True, (badge.receive(what, now_ms), badge.next_deadline_ms)
    except CoreEffectError as error:
        return False, str(error)
    except BadgeError as error:
        return False, f"refuses it ({error})"
