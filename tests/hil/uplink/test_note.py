"""One note per event, and what counts as delivered."""

from __future__ import annotations

import asyncio
import json
import time

from hil.uplink.note import FILE, NoteUplink, note_of
from tests.hil.uplink.story import batch, event
from tests.patience import PATIENCE_S, until


def test_notes_arrive_whole_with_their_zeros(online, ingest):
    here, run = online()
    answer = run(lambda card: NoteUplink(card).send(batch(event(1), event(2))))
    assert answer.status == 202
    until(lambda: ingest.store.counts().events >= 2)  # Notehub's thread has still to post them
    assert ingest.store.events() == [event(1), event(2)]
    assert len(here.requests("note.template")) == 1


async def all_gone(card):
    """Wait until the card has dropped what it synced."""
    until_s = time.monotonic() + PATIENCE_S
    while (await card.ask("file.stats", {"file": FILE})).get("total"):
        assert time.monotonic() < until_s
        await asyncio.sleep(0.01)


def test_a_note_is_added_once_though_its_answer_was_lost(online):
    here, run = online()

    async def story(card):
        uplink = NoteUplink(card)
        await uplink.send(batch(event(1)))
        await all_gone(card)
        # file.stats, then note.add: only the second answer is to be lost
        asked = card.ask

        async def ask(request, members=None, **how):
            if request == "note.add":
                here.live.act(lambda notecard: notecard.faults.arm("corrupt-crc"))
            return await asked(request, members, **how)

        card.ask = ask
        answers = [await uplink.send(batch(event(2)))]
        card.ask = asked
        if answers[0].status is None:  # it was synced and gone before it could be counted
            answers.append(await uplink.send(batch(event(2))))
        return answers

    answers = run(story)
    assert answers[-1].status == 202
    assert len(here.requests("note.add")) == 1 + len(answers)


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
