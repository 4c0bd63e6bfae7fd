"""Batches through the virtual card into the reference ingest: web.post and notes."""

from __future__ import annotations

import asyncio
import json

import pytest
from pydantic_core import to_json

from badge.effects import Upload
from badge.errors import InputError
from hil.card.open import open_notecard
from hil.card.thread import CardThread
from hil.uplink.note import JSONATA, NoteUplink, note_of
from hil.uplink.open import uplink_over
from hil.uplink.web import INLINE_BYTES_MAX, WebUplink
from sim.notecard.notehub.hub import Hub
from sim.notecard.notehub.routes import EventRoute, Proxy, jsonata_transform

DEVICE = "ACT-3F8A21B4"


def event(number: int, **changes) -> dict:
    return {
        "device_id": DEVICE,
        "firmware_version": "1.4.2",
        "event_type": "reboot",
        "timestamp_utc": "2026-03-14T08:32:15Z",
        "sequence_number": number,
        "payload": {"reason": "power_on", "previous_uptime_s": 0, "events_in_queue": 0},
    } | changes


def batch(*events: dict) -> Upload:
    numbers = [one["sequence_number"] for one in events]
    return Upload(7, to_json(list(events)), len(events), numbers[0], numbers[-1])


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
                async with asyncio.timeout(10):
                    while not (await card.ask("hub.status")).get("connected"):
                        await asyncio.sleep(0.01)
                    return await work(card)
            finally:
                await card.close()

        return here, lambda work: asyncio.run(story(work))

    return offer


@pytest.mark.parametrize("wire", ["serial", "i2c-socket"])
@pytest.mark.parametrize("count", [1, 60])
def test_a_batch_arrives_and_the_answer_is_the_ingests(online, ingest, wire, count):
    here, run = online(wire)
    upload = batch(*(event(n) for n in range(1, count + 1)))
    answer = run(lambda card: WebUplink(card).send(upload))
    assert (answer.request, answer.status) == (7, 202)
    assert [one["sequence_number"] for one in ingest.store.events()] == list(range(1, count + 1))
    assert bool(here.requests("card.binary.put")) == (len(upload.body) > INLINE_BYTES_MAX)


def test_what_the_ingest_refuses_comes_back_by_number(online):
    _, run = online()
    upload = batch(event(1), event(2, payload={}), event(3))
    answer = run(lambda card: WebUplink(card).send(upload))
    assert answer.status == 207
    assert [number for number, _ in answer.rejected] == [2]


def test_a_damaged_binary_transfer_is_sent_again(online, ingest):
    here, run = online()
    here.live.act(lambda notecard: notecard.faults.arm("bad-bin"))
    upload = batch(*(event(n) for n in range(1, 41)))
    assert run(lambda card: WebUplink(card).send(upload)).status == 202
    assert here.notecard.faults.struck["bad-bin"] == 1
    assert ingest.store.counts().events == 40


@pytest.mark.parametrize("kind", ["corrupt-crc", "brown-out"])
def test_a_lost_answer_is_no_answer_and_nothing_is_posted_twice(online, ingest, kind, monkeypatch):
    monkeypatch.setattr("hil.uplink.web.POST_S", 1)
    monkeypatch.setattr("hil.uplink.web._MARGIN_S", 0.2)
    here, run = online()

    async def story(card):
        uplink = WebUplink(card)
        here.live.act(lambda notecard: notecard.faults.arm(kind))
        first = await uplink.send(batch(event(1)))
        assert "web.post" in uplink.trouble
        return first

    assert run(story).status is None
    assert len(here.requests("web.post")) == 1


def test_offline_is_no_answer_and_says_why(bench):
    here = bench()

    async def story():
        card = CardThread(open_notecard(here.spec))
        try:
            uplink = WebUplink(card)
            return await uplink.send(batch(event(1))), uplink.trouble
        finally:
            await card.close()

    answer, trouble = asyncio.run(story())
    assert answer.status is None
    assert "require being online" in trouble


def test_207_without_a_list_is_not_taken_for_all_accepted(online, ingest, monkeypatch):
    monkeypatch.setattr("hil.uplink.web._body", lambda card, reply: b"")
    _, run = online()
    answer = run(lambda card: WebUplink(card).send(batch(event(1), event(2, payload={}))))
    assert answer.status is None


def test_a_large_answer_is_fetched_from_the_binary_store(online):
    _, run = online()
    upload = batch(*(event(n, payload={"reason": "x" * 40}) for n in range(1, 101)), event(101))
    answer = run(lambda card: WebUplink(card).send(upload))
    assert answer.status == 207
    assert len(answer.rejected) == 100


def test_notes_arrive_whole_with_their_zeros(online, ingest):
    here, run = online()
    answer = run(lambda card: NoteUplink(card).send(batch(event(1), event(2))))
    assert answer.status == 202
    for _ in range(200):
        if ingest.store.counts().events == 2:
            break
        asyncio.run(asyncio.sleep(0.01))
    assert ingest.store.events() == [event(1), event(2)]
    assert len(here.requests("note.template")) == 1


def test_a_note_is_added_once_though_its_answer_was_lost(online):
    here, run = online()

    async def story(card):
        uplink = NoteUplink(card)
        await uplink.send(batch(event(1)))
        # file.stats, then note.add: only the second answer is to be lost
        asked = card.ask

        async def ask(request, members=None, **how):
            if request == "note.add":
                here.live.act(lambda notecard: notecard.faults.arm("corrupt-crc"))
            return await asked(request, members, **how)

        card.ask = ask
        return await uplink.send(batch(event(2)))

    assert run(story).status == 202
    assert len(here.requests("note.add")) == 2


def test_a_batch_that_comes_again_is_not_added_again(online):
    here, run = online()

    async def story(card):
        uplink = NoteUplink(card)
        await uplink.send(batch(event(1), event(2)))
        return await uplink.send(batch(event(1), event(2), event(3)))

    assert run(story).status == 202
    assert len(here.requests("note.add")) == 3


def test_the_payload_travels_as_text():
    assert json.loads(note_of(event(1))["payload"]) == event(1)["payload"]


def test_only_two_uplinks_are_known():
    with pytest.raises(InputError, match="write web or note"):
        uplink_over(None, "pigeon")
