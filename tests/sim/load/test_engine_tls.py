"""The open loop over TLS, with an authority of one's own."""

import pytest

from sim.load.arrivals import constant
from tests.command import call, sentence
from tests.sim.load.backends import answer, backend, engine
from tests.tls_front import tls_front


@pytest.fixture
def front(tmp_path, monkeypatch):
    """Gives what makes a front of a backend, trusted by this process."""

    def of(one):
        made = tls_front(one.url, tmp_path)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        return made

    return of


def test_all_that_is_due_is_sent_once_and_counted(front):
    with backend() as one, front(one) as tls, engine(tls.url, 30) as load:
        counts = load.run(constant(100.0, 0.3))
        assert len(one.requests) == 30
    assert counts.labels == {"202": 30}


def test_a_server_that_closes_behind_each_answer_is_connected_to_again(front):
    def reply(number, request):
        return [answer(more=b"Connection: close\r\n")]

    with backend(reply) as one, front(one) as tls, engine(tls.url, 2) as load:
        counts = load.run(constant(20.0, 0.5))
    assert set(counts.labels) == {"202"}
    assert counts.labels["202"] + counts.unsent == 10  # a busy machine may have none free in time
    assert counts.connects >= counts.labels["202"] - 2


def test_an_answer_that_fills_many_records_is_one_answer(front):
    body = b'{"accepted":2,"padding":"' + b"x" * 100_000 + b'"}'
    replies = [answer(202, body)]
    with backend(lambda n, r: replies) as one, front(one) as tls, engine(tls.url, 6) as load:
        assert load.run(constant(20.0, 0.3)).labels == {"202": 6}


def test_one_that_nobody_trusts_is_a_sentence_before_the_first_batch(front, monkeypatch):
    with backend() as one, front(one) as tls:
        monkeypatch.delenv("SSL_CERT_FILE")
        said = call("load", tls.url, "--for", "0.2")
        assert said.code == 2
        assert "a certificate that is not trusted" in sentence(said)
        assert one.requests == []
