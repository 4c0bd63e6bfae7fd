"""One table of answers, each whole and byte by byte; and what connections do."""

import asyncio
from contextlib import asynccontextmanager

import pytest
import uvloop

from badge.answers import ANSWER_BYTES_MAX
from badge.errors import InputError
from sim.net.answer import NoAnswer
from sim.net.async_client import AsyncClient
from tests.sim.net.hostile import BEHAVIOURS, hostile
from tests.sim.net.test_client import patience_s

OK = b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}"
LONG = b"x" * (ANSWER_BYTES_MAX + (1 << 17))


class Server:
    """Gives the next answer of a script to each request; None closes without a word."""

    def __init__(self, *answers, piece=0, close=False):
        self.answers, self.piece, self.close = list(answers), piece, close
        self.requests, self.connections = [], 0

    async def talk(self, reader, writer):
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
                self.requests.append((head, await reader.readexactly(length)))
                answer = self.answers.pop(0)
                if answer is None:
                    break
                for start in range(0, len(answer), self.piece or len(answer)):
                    writer.write(answer[start : start + (self.piece or len(answer))])
                    await writer.drain()
                    await asyncio.sleep(0)
                if self.close:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        writer.close()


@asynccontextmanager
async def serving(server, **options):
    running = await asyncio.start_server(server.talk, "127.0.0.1", 0)
    port = running.sockets[0].getsockname()[1]
    url = f"http://127.0.0.1:{port}/api/events"
    client = AsyncClient(url, {"X-Badge-Simulated": "run-1"}, **options)
    yield client
    client.close()
    await asyncio.sleep(0)
    running.close()


async def post(client, body=b"[]", headers=None):
    return await client.ask(client.head(headers or {}), body)


def run(story):
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(story)


ANSWERS = {
    "length": (OK, 202, b"{}"),
    "chunks": (
        b"HTTP/1.1 207 Multi\r\nTransfer-Encoding: chunked\r\nRetry-After: 7\r\n\r\n"
        b"2\r\n{}\r\n1\r\n \r\n0\r\n\r\n",
        207,
        b"{} ",
    ),
    "continue": (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, 202, b"{}"),
    "no body": (b"HTTP/1.1 503 No\r\ncontent-length: 0\r\nRETRY-AFTER: 9\r\n\r\n", 503, b""),
}


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("piece", [0, 1])
def test_an_answer_is_read_whole_and_byte_by_byte(name, piece):
    content, status, body = ANSWERS[name]

    async def story():
        server = Server(content, OK, piece=piece)
        async with serving(server) as client:
            first, second = await post(client), await post(client)
        assert (first.status, first.body) == (status, body)
        assert second.status == 202
        assert server.connections == (1 if status < 300 else 2)
        assert ("retry-after" in first.headers) is (name in ("chunks", "no body"))

    run(story())


def test_an_answer_may_end_with_its_connection():
    async def story():
        async with serving(Server(b"HTTP/1.1 200 OK\r\n\r\n{1}", close=True)) as client:
            answer = await post(client)
        assert (answer.status, answer.body) == (200, b"{1}")

    run(story())


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"SMTP ready\r\n\r\n", "not HTTP"),
        (None, "cut"),
        (b"HTTP/1.1 202 Accepted\r\nContent-Length: 20\r\n\r\n{", "cut"),
        (b"HTTP/1.1 207 Multi\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", "cut"),
        (b"HTTP/1.1 202 Accepted\r\nX: " + LONG, "too long"),
    ],
)
def test_what_is_no_answer(content, why):
    async def story():
        async with serving(Server(content, OK, close=True)) as client:
            assert await post(client) == NoAnswer(why)
            assert (await post(client)).status == 202

    run(story())


def test_a_long_body_is_cut():
    head = b"HTTP/1.1 202 Accepted\r\nContent-Length: %d\r\n\r\n" % (ANSWER_BYTES_MAX + 9)

    async def story():
        async with serving(Server(head + LONG[: ANSWER_BYTES_MAX + 9])) as client:
            answer = await post(client)
        assert len(answer.body) == ANSWER_BYTES_MAX

    run(story())


def test_an_idle_connection_that_was_closed_says_nothing_yet():
    async def story():
        server = Server(OK, None, OK)
        async with serving(server) as client:
            await post(client)
            answer = await post(client)  # meets the closed one, and goes again on a new one
        assert answer.status == 202
        assert (server.connections, len(server.requests)) == (2, 3)

    run(story())


def test_many_at_once_have_a_connection_each_and_share_them_afterwards():
    async def story():
        server = Server(*[OK] * 40)
        async with serving(server) as client:
            await asyncio.gather(*(post(client) for _ in range(18)))
            await asyncio.gather(*(post(client) for _ in range(18)))
        assert server.connections == 18

    run(story())


def test_who_does_not_answer_in_time_gives_no_answer():
    async def story():
        async with serving(Server(b"HTTP/1.1 202 "), timeout_s=0.05) as client:
            assert await post(client) == NoAnswer("late")

    run(story())


def test_one_request_may_have_less_time_than_the_client():
    async def story():
        async with serving(Server(b"HTTP/1.1 202 "), timeout_s=60.0) as client:
            answer = asyncio.get_running_loop().create_future()
            client.post(client.head({}), b"[]", answer.set_result, 0.05)
            async with asyncio.timeout(30.0):
                assert await answer == NoAnswer("late")

    run(story())


def test_nobody_there_is_no_connection():
    async def story():
        async with serving(Server()) as client:
            pass
        assert await post(client) == NoAnswer("away")

    run(story())


def test_the_request_is_what_the_contract_says():
    async def story():
        server = Server(OK)
        async with serving(server) as client:
            await post(client, b"[1]", {"X-Actual-Api-Key": "ak_x"})
        ((head, body),) = server.requests
        assert body == b"[1]"
        lines = head.decode().split("\r\n")
        assert lines[0] == "POST /api/events HTTP/1.1"
        assert {"X-Badge-Simulated: run-1", "X-Actual-Api-Key: ak_x"} < set(lines)

    run(story())


def test_hosts_paths_and_passwords_of_a_url():
    async def head(url):
        return AsyncClient(url, {}).head({}).decode()

    assert "Host: [::1]:8080\r\n" in run(head("http://[::1]:8080/x"))
    assert "Host: example.com\r\n" in run(head("https://example.com/x"))
    spaced = run(head("http://me:p%40ss@x/a b?c=d e"))
    assert spaced.startswith("POST /a%20b?c=d%20e HTTP/1.1\r\n")
    assert "Authorization: Basic bWU6cEBzcw==\r\n" in spaced


@pytest.mark.parametrize("key", ["ak\r\nX-Evil: 1", "schlüssel"])
def test_a_key_that_is_no_header_is_refused(key):
    async def story():
        AsyncClient("http://x/", {}).head({"X-Actual-Api-Key": key})

    with pytest.raises(InputError, match="X-Actual-Api-Key"):
        run(story())


STRAY = {
    "a second answer": OK,
    "half of one": OK[:30],
    "nonsense": b"nonsense\r\n\r\n",
    "an empty line": b"\r\n",
}


@pytest.mark.parametrize("name", STRAY)
def test_bytes_that_nobody_asked_for_end_the_connection(name):
    refused = b"HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\n{}"

    async def story():
        server = Server(refused + STRAY[name], refused + STRAY[name], refused)
        async with serving(server) as client:
            answers = [await post(client) for _ in range(3)]
        assert [answer.status for answer in answers] == [500] * 3
        assert server.connections == 3

    run(story())


def test_an_empty_line_behind_an_answer_is_none():
    async def story():
        server = Server(OK + b"\r\n", OK)
        async with serving(server) as client:
            assert [(await post(client)).status for _ in range(2)] == [202, 202]
        assert server.connections == 1

    run(story())


def test_what_comes_late_behind_a_refusal_is_no_answer_to_the_next_request():
    """Too late for the connection to see it before the next request is on its way."""

    async def talk(reader, writer):
        for number in range(2):
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            writer.write(OK if number else b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async def story():
        running = await asyncio.start_server(talk, "127.0.0.1", 0)
        port = running.sockets[0].getsockname()[1]
        client = AsyncClient(f"http://127.0.0.1:{port}/", {})
        answers = [(await post(client)).status for _ in range(2)]
        assert answers == [500, 500]  # each on a connection of its own, of which it is the first
        client.close()
        running.close()

    run(story())


def test_a_request_sent_from_an_answer_is_not_answered_by_the_stray_one_behind_it():
    refused = b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"

    async def story():
        answers, ended = [], asyncio.Event()
        async with serving(Server(refused + OK, refused)) as client:

            def done(answer):
                answers.append(answer.status)
                if len(answers) == 2:
                    ended.set()
                else:
                    client.post(client.head({}), b"[]", done)

            client.post(client.head({}), b"[]", done)
            await ended.wait()
        assert answers == [500, 500]

    run(story())


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_every_bad_manner_is_a_status_or_no_answer(name):
    body = b'[{"device_id":"ACT-00000001","sequence_number":10}]'

    async def story(url):
        client = AsyncClient(url, {}, timeout_s=patience_s(name))
        answers = [await client.ask(client.head({}), body) for _ in range(2)]
        client.close()
        return answers

    with hostile(name) as backend:
        answers = run(story(backend.url))
    for answer in answers:
        assert (None if isinstance(answer, NoAnswer) else answer.status) in BEHAVIOURS[
            name
        ].statuses
