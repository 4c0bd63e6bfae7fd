from __future__ import annotations

import pytest

from sim.notecard.model.exchange import WebCall
from sim.notecard.model.outputs import Fetched
from sim.notecard.notehub.proxies import Proxies
from sim.notecard.notehub.routes import Proxy
from sim.notecard.storage.binary import md5_hex


class Desk:
    def __init__(self) -> None:
        self.sent, self.replies = [], []
        proxies = {"in": Proxy("http://x/api", {"X-Key": "secret"})}
        self.proxies = Proxies(proxies, self.send, lambda text: None)

    def send(self, *request) -> int:
        self.sent.append(request)
        return len(self.sent)

    def call(self, **parts) -> None:
        members = {
            "route": "in",
            "method": "POST",
            "name": "f",
            "body": b"",
            "content": "",
            "timeout_s": 1.0,
        }
        self.proxies.call("dev:1", WebCall(**(members | parts)), self.replies.append)


@pytest.fixture
def desk():
    return Desk()


def test_fragments_of_any_content_are_put_together_and_delivered_once(desk):
    parts = {"content": "image/png", "total": 6}
    desk.call(body=b"abc", **parts)
    desk.call(body=b"def", offset=3, **parts)
    assert [reply.result for reply in desk.replies] == [100]
    assert [request[2] for request in desk.sent] == [b"abcdef"]
    desk.proxies.answered(Fetched(1, 200, b"{}"))
    desk.call(body=b"def", offset=3, **parts)  # the answer was lost: the host asks again
    assert [reply.result for reply in desk.replies] == [100, 200, 200]
    assert len(desk.sent) == 1


def test_a_repetition_while_it_is_under_way_waits_with_it(desk):
    desk.call(body=b"abc", total=6)
    for _ in range(2):
        desk.call(body=b"def", offset=3, total=6)
    desk.proxies.answered(Fetched(1, 201))
    assert [reply.result for reply in desk.replies] == [100, 201, 201]


def test_a_delivery_that_failed_may_be_tried_again(desk):
    desk.call(body=b"abc", total=6)
    desk.call(body=b"def", offset=3, total=6)
    desk.proxies.answered(Fetched(1, 0, reason="no connection"))
    desk.call(body=b"def", offset=3, total=6)
    assert len(desk.sent) == 2


def test_what_was_damaged_is_noticed_if_it_is_to_be(desk):
    desk.call(body=b"abd", digest=md5_hex(b"abc"))
    assert "{web-payload}" in desk.replies[0].refusal
    assert not desk.sent


@pytest.mark.parametrize("name", ["/../x", "a/../../x", "/%2e%2e/x", "..\\x", "%252e%252e/x"])
def test_a_name_that_leaves_its_route_carries_no_header_away(desk, name):
    desk.call(name=name)
    assert "leaves the route" in desk.replies[0].refusal
    assert not desk.sent
