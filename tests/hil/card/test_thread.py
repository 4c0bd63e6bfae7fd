"""The card for asyncio: in turn, and never after its end."""

from __future__ import annotations

import asyncio
import threading

import pytest

from hil.card.errors import CardGoneError
from hil.card.thread import CardThread


class Blocking:
    """A card whose requests overlap if they are let."""

    place = "serial:test"
    openings = 1

    def __init__(self):
        self.under_way, self.most, self.closed = 0, 0, False
        self.threads = set()

    def ask(self, request, members, *, once, timeout_s):
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        self.threads.add(threading.get_ident())
        self.under_way -= 1
        return {"asked": request, "once": once}

    def close(self):
        self.closed = True


def test_requests_take_turns_in_one_thread_that_is_not_the_loops():
    card = Blocking()

    async def story():
        thread = CardThread(card)
        try:
            return await asyncio.gather(*(thread.ask(f"r{n}") for n in range(20)))
        finally:
            await thread.close()

    assert [one["asked"] for one in asyncio.run(story())] == [f"r{n}" for n in range(20)]
    assert (card.most, len(card.threads), card.closed) == (1, 1, True)
    assert threading.get_ident() not in card.threads


def test_nothing_is_asked_after_the_end():
    async def story():
        thread = CardThread(Blocking())
        await thread.close()
        with pytest.raises(CardGoneError, match="closed") as caught:
            await thread.ask("hub.get")
        assert not caught.value.sent

    asyncio.run(story())
