from __future__ import annotations

from sim.notecard.model.outputs import Fetch, Fetched
from sim.notecard.transport.http import HttpWorkers
from tests.patience import until


def test_whatever_goes_wrong_is_an_answer_too(web_server):
    found: list[Fetched] = []
    client = HttpWorkers(found.append)
    sink = web_server(b"x" * 300_000)
    for number, url in enumerate([sink.url, "http://127.0.0.1:1/", "http://[", "nonsense://x"]):
        client.submit(Fetch(number, "GET", url, b"", 2.0))
    until(lambda: len(found) == 4)
    client.close()
    answers = sorted(found, key=lambda answer: answer.fetch_id)
    assert [answer.status for answer in answers] == [200, 0, 0, 0]
    assert answers[1].reason == "no connection"
    assert answers[0].body == b"x" * 300_000
