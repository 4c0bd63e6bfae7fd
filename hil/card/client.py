"""A Notecard through note-python 2.5.1, whose habits end here.

note-python repeats requests on its own, takes a heartbeat or a stale line for an answer, hides
causes, and goes on for minutes after the cable is out.  So its `_transact` is replaced: one place
decides what is sent, how often, and which line is the answer.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from hil.card.deadline import Deadline
from hil.card.errors import CardError, CardGoneError, CardRefusedError, GaveUp
from hil.card.reply import CardAnswer, CardLine, DamagedLineError, read_line
from hil.card.wires import NotePythonClient, Wire

ATTEMPTS = 3  # of a request that may be sent again: one lost line is common, three are a fault
OPEN_TIMEOUT_S = 20.0  # note-python's reset drains the line for seconds when the card chatters
_SEQUENCE_MASK = 0xFFFF  # note-python counts on; the field has four digits

Opener = Callable[[Deadline], Wire]


class _Request(dict[str, object]):
    """A request whose body stays: note-python puts its user agent in its place if any value is
    the text `hub.set`, a worker's name or a notefile's included.
    """

    def values(self) -> Any:  # a dict's own view cannot be made empty
        """Show note-python no values; they are written all the same."""
        return ()


class Notecard:
    """One card at one port, opened when first asked and again after it was gone.

    Blocking; one transaction at a time, from any thread.  `openings` counts, so that whoever has
    made settings knows when to make them again; `resent` and `skipped` count repeated requests
    and lines that answered something else.
    """

    def __init__(self, place: str, opener: Opener, lock_path: str) -> None:
        self.place = place
        self.openings = self.resent = self.skipped = 0
        self._opener, self._lock_path = opener, lock_path
        self._deadline = Deadline()
        self._busy = threading.RLock()
        self._wire: Wire | None = None
        self._client: NotePythonClient | None = None
        self._attempts = self._sent = 0
        self._knows_crc = False
        self._cause = ""
        self._reply: CardLine | None = None

    def ask(
        self,
        request: str,
        members: Mapping[str, object] | None = None,
        *,
        once: bool = False,
        timeout_s: float = 10.0,
    ) -> CardAnswer:
        """Send a request and return its reply without `crc`.

        `once`: it never leaves twice.  `timeout_s` is for each attempt.  Raises `CardRefusedError`
        with the card's `err`, or `CardGoneError` if no sound answer came.
        """
        with self._busy:
            client = self._begin(request, once, timeout_s)
            try:
                reply = client.Transaction(_Request({"req": request, **(members or {})}))
            except GaveUp as error:
                raise self._lost(request, str(error)) from None
            except Exception as error:
                raise self._failed(request, error) from None
            reply.pop("crc", None)
            if "err" in reply:
                raise self._refused(request, reply)
            return CardAnswer(reply)

    def put(self, encoded: bytes) -> None:
        """Send the raw bytes that a `card.binary.put` has announced, and their LF."""
        with self._busy:
            if self._client is None:
                raise CardGoneError(f"notecard {self.place}: card.binary.put: it was closed")
            self._limit(OPEN_TIMEOUT_S)
            try:
                self._client.transmit(encoded + b"\n", delay=False)
            except (GaveUp, Exception) as error:
                raise self._lost("card.binary.put", str(error)) from None

    def get(self, request: str, members: Mapping[str, object]) -> tuple[CardAnswer, bytes]:
        """Send a request that is followed by raw bytes; return its reply and these, without LF."""
        with self._busy:
            reply = self.ask(request, members)
            self._limit(OPEN_TIMEOUT_S)
            try:
                return reply, bytes(self._attached().receive(delay=False)[:-1])
            except (GaveUp, Exception) as error:
                raise self._lost(request, str(error)) from None

    def close(self) -> None:
        """End what is going on, from any thread, and let go of the port."""
        self._deadline.closed = True
        with self._busy:
            self._drop()

    # -- opening and losing it ---------------------------------------------------------------

    def _begin(self, request: str, once: bool, timeout_s: float) -> NotePythonClient:
        if self._deadline.closed:
            raise CardGoneError(f"notecard {self.place}: {request}: closed", sent=False)
        client = self._client or self._open(request)
        self._attempts, self._sent = (1 if once else ATTEMPTS), 0
        self._cause, self._reply = "", None
        self._timeout_s = timeout_s
        client._last_request_seq_number &= _SEQUENCE_MASK
        # Each attempt, and the reset before the next one.
        self._limit((timeout_s + OPEN_TIMEOUT_S) * self._attempts)
        return client

    def _attached(self) -> NotePythonClient:
        assert self._client is not None  # a transaction is under way
        return self._client

    def _open(self, request: str) -> NotePythonClient:
        self._limit(OPEN_TIMEOUT_S)
        try:
            self._wire = self._opener(self._deadline)
            client = self._client = self._wire.attach(self._lock_path)
        except CardError as error:
            self._drop()
            raise CardGoneError(f"notecard {self.place}: {error}", sent=False) from None
        except (GaveUp, Exception) as error:
            self._drop()
            raise CardGoneError(self._no_card(request, error), sent=False) from None
        client._transact = self._transact
        client._crc_error = lambda line: False  # judged in _transact, line by line
        self._knows_crc = False
        self.openings += 1
        return client

    def _no_card(self, request: str, error: BaseException) -> str:
        if type(error).__name__ == "Timeout":
            return f"notecard {self.place}: in use by another program; end that one first"
        why = f" ({error})" if isinstance(error, GaveUp) else ""
        return (
            f"notecard {self.place}: {request}: no Notecard answers there{why}; check power, "
            "wires and the port"
        )

    def _drop(self) -> None:
        wire, self._wire, self._client = self._wire, None, None
        if wire is not None:
            wire.close()

    def _limit(self, seconds: float) -> None:
        self._deadline.until_s = self._deadline.now_s() + seconds

    # -- what came of a transaction ------------------------------------------------------------

    def _lost(self, request: str, why: str) -> CardGoneError:
        """Nothing can be trusted any more: open it anew next time."""
        cause = self._cause or why
        sent = self._sent > 0
        if self._client is not None and cause.startswith("no answer"):
            self._client._last_request_seq_number += 1  # the same number would be a repetition
            self._client._reset_required = True
        else:
            self._drop()
        return CardGoneError(f"notecard {self.place}: {request}: {cause}", sent=sent)

    def _failed(self, request: str, error: Exception) -> CardError:
        if self._reply is not None and self._reply.err:
            return self._refused(request, self._reply.members)
        if type(error).__name__ == "Timeout":
            return CardGoneError(self._no_card(request, error), sent=False)
        return self._lost(request, self._cause or str(error))

    def _refused(self, request: str, reply: Mapping[str, object]) -> CardRefusedError:
        return CardRefusedError(f"notecard {self.place}: {request}: {reply.get('err')}", reply)

    # -- in place of note-python's own -----------------------------------------------------------

    def _transact(
        self, req_bytes: bytes, rsp_expected: bool, timeout_secs: float = 0
    ) -> bytes | None:
        """Send the request, at most `_attempts` times, and find its answer among the lines."""
        if self._sent >= self._attempts:
            raise GaveUp(self._cause or "no sound answer")
        self.resent += self._sent > 0
        self._sent += 1
        self._attached().transmit(req_bytes)
        if not rsp_expected:
            return None
        try:
            return self._answer()
        except Exception as error:
            self._cause = str(error) or type(error).__name__
            if self._sent >= self._attempts:
                raise GaveUp(self._cause) from None
            raise

    def _answer(self) -> bytes:
        now_s = self._deadline.now_s
        self._deadline.attempt_until_s = now_s() + self._timeout_s
        try:
            while True:
                left_s = self._deadline.attempt_until_s - now_s()
                if left_s <= 0:
                    raise TimeoutError(f"no answer within {self._timeout_s:g} s")
                raw = self._receive(left_s)
                if self._is_answer(raw):
                    return raw[raw.find(b"{") :]
        finally:
            self._deadline.attempt_until_s = None

    def _receive(self, left_s: float) -> bytes:
        until_s = self._deadline.now_s() + left_s
        try:
            return bytes(self._attached().receive(left_s))
        except DamagedLineError:
            raise
        except Exception as error:
            if "imed out" not in str(error) and not isinstance(error, TimeoutError):
                raise
            # note-python waits a second for the next byte of a line that has begun.
            if self._deadline.now_s() < until_s:
                raise TimeoutError("no answer: it broke off half way") from None
            raise TimeoutError(f"no answer within {self._timeout_s:g} s") from None

    def _is_answer(self, raw: bytes) -> bool:
        """Tell the answer from heartbeats, empty lines and answers to something else."""
        line = read_line(raw)
        if line is None:
            return False
        if line.heartbeat:
            # The card is alive and at it: it has as long again.
            self._deadline.attempt_until_s = self._deadline.now_s() + self._timeout_s
            return False
        wanted = self._attached()._last_request_seq_number & _SEQUENCE_MASK
        if line.sequence is None and self._knows_crc and not line.err:
            self.skipped += 1
            return False
        if line.sequence is not None:
            self._knows_crc = True
            if line.sequence != wanted:
                self.skipped += 1
                return False
        self._reply = line
        return True
