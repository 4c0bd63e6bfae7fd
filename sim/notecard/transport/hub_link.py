"""A card's way to a Notehub in another process: it looks like one, and asks over a socket."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any

from pydantic import BaseModel, ValidationError

from badge.errors import InputError
from sim.notecard.model.exchange import (
    HubGoneError,
    SyncDownload,
    SyncUpload,
    WebCall,
    WebReply,
)
from sim.notecard.transport.hub_wire import (
    FROM_HUB,
    ExchangeAsk,
    ExchangeSaid,
    Forget,
    News,
    Online,
    WebAsk,
    WebSaid,
    line,
)

ANSWER_S = 10.0  # a Notehub on this computer answers in milliseconds


class HubLink:
    """A `Notehub` behind a unix socket.  `run` what comes unasked through `act`, in order.

    Lost is lost: a sync without the Notehub ends with HubGoneError, and the next one connects
    anew.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.act: Callable[[Callable[[], None]], None] = lambda do: do()
        self._socket: socket.socket | None = None
        self._lock = Lock()
        self._answers: SimpleQueue[SyncDownload | None] = SimpleQueue()
        self._calls: dict[int, Callable[[WebReply], None]] = {}
        self._number = 0
        self._waiting = False
        self._signals: list[dict[str, Any]] = []
        self._online: tuple[str, bool] | None = None
        # Deeds wait for whoever holds the card, who may wait for what is heard: two threads.
        self._deeds: SimpleQueue[Callable[[], None]] = SimpleQueue()
        Thread(target=self._do, name="notehub-deeds", daemon=True).start()
        if not self._connect():
            raise InputError(f"{path}: no Notehub is there; start it with badge notehub {path}")

    # What the card asks.

    def exchange(self, upload: SyncUpload) -> SyncDownload:
        """See `Notehub`."""
        while not self._answers.empty():  # of an earlier exchange that was given up
            self._answers.get()
        if not self._send(ExchangeAsk(upload=upload)):
            raise HubGoneError
        try:
            down = self._answers.get(timeout=ANSWER_S)
        except Empty:
            raise HubGoneError from None
        if down is None:
            raise HubGoneError
        return down

    def waiting(self, device: str) -> bool:
        """See `Notehub`."""
        return self._waiting

    def take_signals(self, device: str) -> list[dict[str, Any]]:
        """See `Notehub`."""
        if not self._signals:
            return []
        signals, self._signals = self._signals, []
        return signals

    def connected(self, device: str, online: bool) -> None:
        """See `Notehub`."""
        self._online = (device, online)
        self._send(Online(device=device, online=online))

    def forget(self, device: str) -> None:
        """See `Notehub`."""
        self._send(Forget(device=device))

    def web(self, device: str, call: WebCall, answered: Callable[[WebReply], None]) -> None:
        """See `Notehub`."""
        self._number += 1
        self._calls[self._number] = answered
        if not self._send(WebAsk.of(self._number, call)):
            # The listener may have seen the end first, and said it already.
            unsaid = self._calls.pop(self._number, None)
            if unsaid is not None:
                unsaid(_gone())

    def close(self) -> None:
        """Hang up."""
        mine = self._socket
        if mine is not None:
            with suppress(OSError):
                mine.shutdown(socket.SHUT_RDWR)  # the listener's file holds it open
            mine.close()

    # The socket.

    def _connect(self) -> bool:
        fresh = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        fresh.settimeout(ANSWER_S)
        try:
            fresh.connect(str(self._path))
        except OSError:
            fresh.close()
            return False
        fresh.settimeout(None)
        self._socket = fresh
        Thread(target=self._listen, args=(fresh,), name="notehub-link", daemon=True).start()
        if self._online is not None:
            device, online = self._online
            fresh.sendall(line(Online(device=device, online=online)))
        return True

    def _send(self, message: BaseModel) -> bool:
        with self._lock:
            for _ in range(2):  # the Notehub may have been started anew in between
                if self._socket is None and not self._connect():
                    return False
                try:
                    assert self._socket is not None
                    self._socket.sendall(line(message))
                    return True
                except OSError:
                    self._socket = None
        return False

    def _do(self) -> None:
        while True:
            self.act(self._deeds.get())

    def _listen(self, mine: socket.socket) -> None:
        with mine, mine.makefile("rb") as lines:
            try:
                for text in lines:
                    self._hear(FROM_HUB.validate_json(text))
            except (OSError, ValidationError, ValueError):
                pass
        self._socket = None if self._socket is mine else self._socket
        self._answers.put(None)
        last = self._number  # what is asked from here on goes over the next connection
        self._deeds.put(lambda: self._give_up(last))

    def _give_up(self, last: int) -> None:
        for number in [number for number in tuple(self._calls) if number <= last]:
            answered = self._calls.pop(number, None)
            if answered is not None:
                answered(_gone())

    def _hear(self, message: ExchangeSaid | WebSaid | News) -> None:
        if isinstance(message, ExchangeSaid):
            self._answers.put(message.download)
        elif isinstance(message, News):
            self._deeds.put(lambda: self._take(message))
        else:
            said = message
            self._deeds.put(lambda: self._answer(said))

    def _answer(self, said: WebSaid) -> None:
        answered = self._calls.pop(said.number, None)
        if answered is not None:
            answered(said.made())

    def _take(self, news: News) -> None:
        self._waiting = news.waiting
        self._signals += news.signals


def _gone() -> WebReply:
    return WebReply(0, refusal="Notehub is gone {hub-not-connected}")
