"""A card that is online, with routes to the ingest."""

from __future__ import annotations

import asyncio

import pytest

from hil.card.open import open_notecard
from hil.card.thread import CardThread
from hil.uplink.note import JSONATA
from sim.notecard.notehub.hub import Hub
from sim.notecard.notehub.routes import EventRoute, Proxy, jsonata_transform


@pytest.fixture(autouse=True)
def _poll_often(monkeypatch):
    monkeypatch.setattr("hil.uplink.note.SYNC_POLL_S", 0.02)


@pytest.fixture
def online(bench, ingest):
    """A card that is online, with routes to the ingest; gives the bench and a way to run work."""
    url = ingest.url + "/api/events"

    def offer(wire="serial", **parts):
        route = EventRoute(url, transform=jsonata_transform(JSONATA, "test"), files=("data.qo",))
        here = bench(wire, hub=Hub([route], {"ingest": Proxy(url)}), **parts)

        async def story(work):
            card = CardThread(open_notecard(here.spec))
            try:
                await card.ask("hub.set", {"product": "com.example:badge", "mode": "continuous"})
                async with asyncio.timeout(120):  # for a card that hangs
                    while not (await card.ask("hub.status")).get("connected"):
                        await asyncio.sleep(0.01)  # it tells when it is asked
                    return await work(card)
            finally:
                await card.close()

        return here, lambda work: asyncio.run(story(work))

    return offer
