"""One writer: what waits together is committed together, and answered after the commit."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager

import pytest

from sim.ingest.api.answers import Answer
from sim.ingest.http.writer import GROUP_LIMIT, Writer
from sim.ingest.store.sqlite import StoreUnavailableError


class Groups:
    """A store that only notes its commits; `fail` makes the next ones fail."""

    def __init__(self):
        self.log = []
        self.fail = False

    @contextmanager
    def group(self):
        yield
        if self.fail:
            raise StoreUnavailableError("full")
        self.log.append("commit")


def asked(groups, count, ask):
    """Ask `count` times at once, with all of them waiting before the writer starts."""

    async def run():
        writer = Writer(groups)
        tasks = [asyncio.create_task(writer.answer(lambda n=n: ask(n))) for n in range(count)]
        await asyncio.sleep(0)
        writer.start()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        writer.stop()
        return results

    return asyncio.run(run())


def test_what_waits_is_answered_in_order_with_one_commit_a_group():
    groups = Groups()

    def ask(number):
        groups.log.append(number)
        return Answer(202, {"n": number})

    answers = asked(groups, GROUP_LIMIT + 2, ask)
    assert [answer.body["n"] for answer in answers] == list(range(GROUP_LIMIT + 2))
    first, rest = list(range(GROUP_LIMIT)), [GROUP_LIMIT, GROUP_LIMIT + 1]
    assert groups.log == [*first, "commit", *rest, "commit"]


def test_a_failed_commit_is_503_for_everybody_in_it():
    groups = Groups()
    groups.fail = True
    answers = asked(groups, 3, lambda _: Answer(202, {}))
    assert [answer.status for answer in answers] == [503] * 3
    assert {answer.body["error"] for answer in answers} == {"The store is unavailable: full"}


def test_the_writer_has_a_name_and_keeps_no_program_from_its_end():
    writer, before = Writer(Groups()), set(threading.enumerate())
    writer.start()
    (thread,) = (one for one in set(threading.enumerate()) - before if "ingest" in one.name)
    assert (thread.name, thread.daemon) == ("ingest-writer", True)
    writer.stop()
    assert not thread.is_alive()


def test_one_bug_leaves_the_others_of_its_group():
    def ask(number):
        if number == 1:
            raise ZeroDivisionError
        return Answer(202, {})

    first, second, third = asked(Groups(), 3, ask)
    assert (first.status, third.status) == (202, 202)
    assert isinstance(second, ZeroDivisionError)


def test_a_request_whose_client_left_does_not_disturb():
    async def run():
        writer = Writer(Groups())
        gone = asyncio.create_task(writer.answer(lambda: Answer(202, {})))
        stays = asyncio.create_task(writer.answer(lambda: Answer(207, {})))
        await asyncio.sleep(0)
        gone.cancel()
        writer.start()
        answer = await stays
        writer.stop()
        with pytest.raises(asyncio.CancelledError):
            await gone
        return answer

    assert asyncio.run(run()).status == 207


def test_what_waits_when_it_is_to_end_is_answered_first():
    async def run():
        writer = Writer(Groups())
        tasks = [asyncio.create_task(writer.answer(lambda: Answer(202, {}))) for _ in range(3)]
        await asyncio.sleep(0)
        writer._queue.put(None)  # as stop() says it, with all of them before it
        writer.start()
        answers = await asyncio.wait_for(asyncio.gather(*tasks), 60)
        writer.stop()
        return answers

    assert [answer.status for answer in asyncio.run(run())] == [202] * 3
