from __future__ import annotations

import ssl
import threading

import trustme

from sim.conformance.kit.raw import Connection
from sim.net.server import LOOPBACK, listening


def test_who_says_that_nothing_more_comes_still_reads_the_answer(tmp_path, monkeypatch):
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    ended = threading.Event()

    def serve() -> None:
        made, _ = listener.accept()
        with context.wrap_socket(made, server_side=True) as talking:
            talking.recv(65_536)
            ended.wait(30)
            talking.sendall(b"HTTP/1.1 400 Bad\r\nContent-Length: 2\r\n\r\n{}")

    with listening(LOOPBACK, 0) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        url = f"https://localhost:{listener.getsockname()[1]}/api/events"
        with Connection(url, 10) as connection:
            connection.send([b"POST / HTTP/1.1\r\n\r\n"])
            connection.end()
            ended.set()
            said = connection.answer()
        thread.join(10)
    assert (said.status, said.text) == (400, "{}")
