"""Both clients over TLS: an authority of one's own is trusted when SSL_CERT_FILE names it."""

import asyncio

import pytest

from sim.ingest.launch import launch_ingest
from sim.net.answer import NoAnswer
from sim.net.async_client import AsyncClient
from sim.net.client import Client
from tests.tls_front import tls_front


def blocking(url):
    with Client() as client:
        return [client.request("POST", url + "/api/events", b"[]") for _ in range(2)]


def at_once(url):
    async def story():
        client = AsyncClient(url + "/api/events", {})
        try:
            return [await client.ask(client.head({}), b"[]") for _ in range(2)]
        finally:
            client.close()
            await asyncio.sleep(0)  # the event loop closes what was aborted

    return asyncio.run(story())


@pytest.mark.parametrize("ask", [blocking, at_once])
def test_a_server_of_an_own_authority_is_trusted_when_that_is_said(ask, tmp_path, monkeypatch):
    with launch_ingest() as server, tls_front(server.url, tmp_path) as front:
        assert ask(front.url) == [NoAnswer("certificate")] * 2
        monkeypatch.setenv("SSL_CERT_FILE", str(front.authority))
        assert [answer.status for answer in ask(front.url)] == [400, 400]
        by_number = front.url.replace("localhost", "127.0.0.1")
        assert ask(by_number) == [NoAnswer("certificate")] * 2  # it is for another name
        assert ask(server.url.replace("http://", "https://")) == [NoAnswer("tls")] * 2
