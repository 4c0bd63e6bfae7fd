"""Batches through the virtual card's web.post into the reference ingest."""

from __future__ import annotations

import asyncio

import pytest

from hil.card.open import open_notecard
from hil.card.reply import CardAnswer
from hil.card.thread import CardThread
from hil.uplink.web import INLINE_BYTES_MAX, WebUplink
from tests.hil.uplink.story import batch, event


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

    async def story(card):
        uplink = WebUplink(card)
        return await uplink.send(batch(event(1), event(2, payload={}))), uplink.trouble

    answer, trouble = run(story)
    assert answer.status is None
    assert "without its whole list" in trouble


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "route ingest: the ingest answered 401; is the API key in the route"),
        (404, "/api/events"),
        (503, "answered 503"),
    ],
)
def test_a_refusal_is_told_with_its_status_and_remedy(status, words):
    class Card:
        place = "test"

        async def do(self, work):
            return work(self)

        def ask(self, request, members, **how):
            return CardAnswer(result=status)

    async def story():
        uplink = WebUplink(Card())
        return await uplink.send(batch(event(1))), uplink.trouble

    answer, trouble = asyncio.run(story())
    assert answer.status == status
    assert words in trouble


def test_a_large_answer_is_fetched_from_the_binary_store(online):
    _, run = online()
    upload = batch(*(event(n, payload={"reason": "x" * 40}) for n in range(1, 101)), event(101))

    async def story(card):
        uplink = WebUplink(card)
        return await uplink.send(upload), uplink.trouble

    answer, trouble = run(story)
    assert (answer.status, trouble) == (207, None)
    assert len(answer.rejected) == 100
