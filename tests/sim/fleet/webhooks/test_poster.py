import threading
from http.server import BaseHTTPRequestHandler

import pytest

from sim.fleet.webhooks.poster import AT_ONCE, HttpPoster, NoPoster
from sim.platforms.kit.delivery import Delivery
from tests.quiet_server import QuietServer


@pytest.fixture
def server():
    heard, open_now, most = [], [], []

    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            open_now.append(1)
            most.append(len(open_now))
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append((self.path, dict(self.headers), body))
            if self.path == "/silent":
                threading.Event().wait(1.0)
            status = 302 if self.path == "/elsewhere" else 200
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/trap")
            self.send_header("Content-Length", "2")
            self.end_headers()
            open_now.pop()
            self.wfile.write(b"ok")

        def log_message(self, *args):
            pass

    server = QuietServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    server.heard, server.most = heard, most
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def to(server, path="/hook", body=b"[1]", timeout_s=5.0):
    url = f"http://127.0.0.1:{server.server_port}{path}"
    headers = (("content-type", "application/json"), ("X-Key", "abc"))
    return Delivery(1, url, headers, body, timeout_s, ("k",))


def test_a_delivery_arrives_as_it_is_and_nothing_is_added(server):
    with HttpPoster() as poster:
        assert poster.post(to(server)).result() == (200, b"ok")
    ((path, headers, body),) = server.heard
    assert (path, body) == ("/hook", b"[1]")
    assert headers["X-Key"] == "abc"
    assert {name.lower() for name in headers} == {
        *("host", "content-type", "content-length", "x-key"),
    }


def test_no_answer_in_time_none_at_all_and_another_address_are_told(server):
    with HttpPoster() as poster:
        assert poster.post(to(server, "/silent", timeout_s=0.1)).result() == (None, b"")
        assert poster.post(to(server, "/elsewhere")).result()[0] == 302
        gone = Delivery(1, "http://127.0.0.1:1/", (), b"", 5.0, ())
        assert poster.post(gone).result() == (None, b"")
    assert "/trap" not in [path for path, _, _ in server.heard]


@pytest.mark.slow
def test_many_are_under_way_at_once_but_not_too_many(server):
    with HttpPoster() as poster:
        under_way = [poster.post(to(server)) for _ in range(AT_ONCE * 4)]
        assert {one.result() for one in under_way} == {(200, b"ok")}
    assert max(server.most) <= AT_ONCE
    assert len(server.heard) == AT_ONCE * 4


def test_nobody_takes_everything():
    assert NoPoster().post(Delivery(1, "", (), b"", 1.0, ())).result() == (200, b"{}")
