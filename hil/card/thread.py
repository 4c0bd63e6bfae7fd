"""The card for asyncio: all transactions of a blocking one in one thread, in turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

from hil.card.client import Notecard
from hil.card.errors import CardGoneError
from hil.card.reply import CardAnswer

_T = TypeVar("_T")


class Card(Protocol):
    """A Notecard: one request at a time; `once` is never sent twice, whatever happens.

    Raises `CardError` (an `InputError`) naming the request.
    """

    async def ask(
        self,
        request: str,
        members: Mapping[str, object] | None = None,
        *,
        once: bool = False,
        timeout_s: float = 10.0,
    ) -> CardAnswer:
        """Send a request and return its reply without `crc`."""

    async def do(self, work: Callable[[Notecard], _T]) -> _T:
        """Do several things to the card that nothing may come between."""


class CardThread:
    """`await CardThread(card).ask("card.version")`: a `Card` over a `Notecard`."""

    def __init__(self, card: Notecard) -> None:
        self.card = card
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="notecard")

    async def ask(
        self,
        request: str,
        members: Mapping[str, object] | None = None,
        *,
        once: bool = False,
        timeout_s: float = 10.0,
    ) -> CardAnswer:
        """See `Notecard.ask`."""
        return await self.do(
            lambda card: card.ask(request, members, once=once, timeout_s=timeout_s)
        )

    async def do(self, work: Callable[[Notecard], _T]) -> _T:
        """Do several things to the card that nothing may come between."""
        try:
            future = self._executor.submit(work, self.card)
        except RuntimeError:
            raise CardGoneError(f"notecard {self.card.place}: closed", sent=False) from None
        return await asyncio.wrap_future(future)

    @property
    def openings(self) -> int:
        """How often the card was opened: settings are to be made again when this grows."""
        return self.card.openings

    async def close(self) -> None:
        """Cut short what is going on and let go of the port."""
        await asyncio.to_thread(self.card.close)
        self._executor.shutdown(wait=True, cancel_futures=True)
