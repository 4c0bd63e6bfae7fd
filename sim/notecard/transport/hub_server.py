"""A Notehub of its own, in real time, for cards in other processes."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, Thread
from time import time_ns

from pydantic import BaseModel, ValidationError

from badge.errors import InputError
from sim.notecard.model.exchange import WebReply
from sim.notecard.model.outputs import Fetched, Output
from sim.notecard.notehub.hub import Hub
from sim.notecard.transport.hub_wire import (
    FROM_CARD,
    LINE_BYTES_MAX,
    ExchangeAsk,
    ExchangeSaid,
    Forget,
    News,
    Online,
    WebAsk,
    WebSaid,
    line,
)
from sim.notecard.transport.names import free_socket_name
from sim.notecard.transport.realtime import Realtime, Watch

CARDS_MAX = 200


class PumpedHub:
    """A Notehub without a card, as `Realtime` drives it."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    def advance(self, now_ms: int) -> list[Output]:
        """Time passes."""
        self.hub.now_ms = now_ms
        return list(self.hub.take())

    def answered(self, answer: Fetched, now_ms: int) -> list[Output]:
        """The answer to a `Fetch` is here."""
        self.hub.now_ms = now_ms
        self.hub.answered(answer)
        return self.advance(now_ms)

    @property
    def next_deadline_ms(self) -> int | None:
        """When the next retry is due."""
        return self.hub.next_deadline_ms


class _Card:
    """One connected card: its messages, and what it was told last."""

    def __init__(self, server: HubServer, its: socket.socket) -> None:
        self._server, self._socket = server, its
        self._lock = Lock()
        self.device = ""
        self._told_waiting = False

    def run(self) -> None:
        """Serve it until it hangs up, or says what nobody understands."""
        with self._socket, self._socket.makefile("rb") as lines:
            while text := lines.readline(LINE_BYTES_MAX):
                try:
                    self._take(FROM_CARD.validate_json(text))
                except (ValidationError, OSError):
                    break
        if self.device:
            device = self.device
            self._server.live.with_hub(lambda hub: hub.connected(device, False))

    def say(self, message: BaseModel) -> None:
        """Send a message, if the card is there still."""
        with self._lock:
            try:
                self._socket.sendall(line(message))
            except OSError:
                self._socket.close()

    def _take(self, message: ExchangeAsk | WebAsk | Online | Forget) -> None:
        live = self._server.live
        if isinstance(message, ExchangeAsk):
            upload = message.upload
            self.device = upload.device
            self.say(ExchangeSaid(download=live.with_hub(lambda hub: hub.exchange(upload))))
        elif isinstance(message, Online):
            self.device, online = message.device, message.online
            live.with_hub(lambda hub: hub.connected(self.device, online))
        elif isinstance(message, Forget):
            uid = message.device
            live.with_hub(lambda hub: hub.forget(uid))
        else:
            number, call = message.number, message.made()

            def answered(reply: WebReply) -> None:
                self.say(WebSaid.of(number, reply))

            live.with_hub(lambda hub: hub.web(self.device, call, answered))

    def tell(self, hub: Hub) -> None:
        """Tell it what it should know, if that is something new."""
        if not self.device:
            return
        waiting, signals = hub.waiting(self.device), hub.take_signals(self.device)
        if signals or waiting is not self._told_waiting:
            self._told_waiting = waiting
            self.say(News(waiting=waiting, signals=signals))


class HubServer:
    """Offers a Notehub on a unix socket."""

    def __init__(self, hub: Hub, path: Path, watch: Watch | None = None) -> None:
        hub.epoch_ms = time_ns() // 1_000_000
        self._cards: list[_Card] = []
        free_socket_name(path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.bind(str(path))
        except OSError as error:
            self._socket.close()
            raise InputError(f"{path}: no socket can be made there ({error.strerror})") from None
        self._socket.listen()
        self._path = path
        self.live = Realtime(PumpedHub(hub), watch=watch)
        self.live.acted = self._tell
        self.live.run_clock()
        Thread(target=self._accept, name="notehub-cards", daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                its, _ = self._socket.accept()
            except OSError:
                return  # closed: the end
            card = _Card(self, its)
            self._cards = [*self._cards, card][-CARDS_MAX:]
            Thread(target=self._serve, args=(card,), name="notehub-card", daemon=True).start()

    def _serve(self, card: _Card) -> None:
        card.run()
        self._cards = [one for one in self._cards if one is not card]

    def _tell(self) -> None:
        cards = self._cards

        def tell(hub: Hub) -> None:
            for card in cards:
                card.tell(hub)

        self.live.tell_all(tell)

    def close(self) -> None:
        """Stop, and remove the socket's name."""
        self._socket.close()
        self._path.unlink(missing_ok=True)
        self.live.close()


@contextmanager
def launch_hub(hub: Hub, path: Path, watch: Watch | None = None) -> Iterator[Realtime]:
    """Serve a Notehub on a unix socket until the block ends."""
    server = HubServer(hub, path, watch)
    try:
        yield server.live
    finally:
        server.close()
