import asyncio

import httpx
import pytest

from sim.view.app import create_app

TOKEN = "abcdef"


class Thing:
    def whole(self):
        return b"all"

    def news(self, epoch, rows):
        return None if rows else b"new"

    def about(self, at):
        if at > 5:
            raise IndexError(at)
        return {"event": at}


class Client:
    def get(self, path, headers=None):
        async def ask():
            transport = httpx.ASGITransport(create_app(Thing(), TOKEN))
            base = "http://127.0.0.1:4711"
            async with httpx.AsyncClient(transport=transport, base_url=base) as client:
                return await client.get(base + path, headers=headers)

        return asyncio.run(ask())


@pytest.fixture
def client():
    return Client()


def test_with_the_token_all_is_answered(client):
    page = client.get(f"/{TOKEN}/")
    assert page.status_code == 200
    assert "script-src 'nonce-" in page.headers["content-security-policy"]
    assert client.get(f"/{TOKEN}/picture").content == b"all"
    assert client.get(f"/{TOKEN}/about?at=3").json() == {"event": 3}
    assert "cannot be read" in client.get(f"/{TOKEN}/about?at=9").json()["lost"]
    assert client.get(f"/{TOKEN}/about?at=x").json() == {"event": 0}
    assert client.get(f"/{TOKEN}/news?rows=0").content == b"new"
    assert client.get(f"/{TOKEN}/news?rows=4").status_code == 204


@pytest.mark.parametrize(
    "path", ["/", "/picture", "/wrong/", "/wrong/picture", f"/{TOKEN}x/", "//"]
)
def test_without_the_token_nothing_is(client, path):
    assert client.get(path).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "evil.example:4711"},
        {"host": "127.0.0.1.evil.example:4711"},
        {"host": ""},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "http://127.0.0.1:4711.evil.example"},
    ],
)
@pytest.mark.parametrize("path", ["", "picture", "about", "news"])
def test_a_host_of_elsewhere_and_another_origin_get_403(client, headers, path):
    assert client.get(f"/{TOKEN}/{path}", headers=headers).status_code == 403


def test_the_pages_own_origin_may_ask(client):
    own = {"origin": "http://127.0.0.1:4711"}
    assert client.get(f"/{TOKEN}/picture", headers=own).status_code == 200
    local = {"host": "localhost:4711", "origin": "http://localhost:4711"}
    assert client.get(f"/{TOKEN}/picture", headers=local).status_code == 200
