"""The line that asks again: a shell that runs it sends the same bytes, with the key put in."""

from __future__ import annotations

import os
import random
import shlex
import subprocess

import pytest

from sim.conformance.kit import again

KEY = "ak_3F8A21B4_secret"
BODIES = {
    "text": b'[{"a": "it\'s $HOME `x` \\ %s \xc3\xa9"}]',
    "bytes": b"\x00\xff\r\n\\x41\\0101",
    "long": b"[" + b'{"a": 1}, ' * 9000 + b"]",
    "key": f'{{"api_key": "{KEY}"}}\n'.encode(),
}


def run(line, tmp_path):
    """Run a line where curl, nc and openssl are programs that print what they are given."""
    for name, keeps in (("curl", "for last; do :; done; "), ("nc", ""), ("openssl", "")):
        program = tmp_path / name
        what = 'if [ "$last" = @- ]; then cat; else printf %s "$last"; fi' if keeps else "cat"
        program.write_text(f"#!/bin/sh\n{keeps}{what}\n")
        program.chmod(0o755)
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "KEY": KEY}
    return subprocess.run(["sh", "-c", line], env=env, capture_output=True, check=True).stdout


@pytest.mark.parametrize("name", ["text", "bytes", "long"])
def test_curl_sends_the_same_body(name, tmp_path):
    body = BODIES[name]
    line = again.curl("POST", "http://x/api", {"Content-Type": "a"}, body, {"x-key"}, {KEY})
    assert run(line, tmp_path) == body
    assert len(line) < again.PACKED_CHARS_MAX + 200


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("url", ["http://x:81/api", "https://x/api"])
def test_raw_bytes_are_sent_as_they_stand(name, url, tmp_path):
    content = b"POST / HTTP/1.1\r\nX-Key: %b\r\n\r\n%b" % (KEY.encode(), BODIES[name])
    line = again.raw(url, content, {KEY, "", "ak_3F8A"})
    assert KEY not in line
    assert run(line, tmp_path) == content
    assert ("nc x 81" in line) is url.startswith("http:")
    assert ("-connect x:443" in line) is url.startswith("https:")


def test_the_key_of_a_header_and_the_password_of_a_url_are_not_shown():
    line = again.curl("GET", "http://me:word@x/", {"X-Key": KEY, "A": "it's"}, b"", {"x-key"}, ())
    assert "word" not in line
    assert shlex.split(line)[-4:] == ["-H", "X-Key: $KEY", "-H", "A: it's"]


def test_what_cannot_be_packed_is_named_by_its_size():
    noise = random.Random(1).randbytes(20_000)
    assert again.raw("http://x", noise, ()) == "nc x 80  # 20,000 bytes, not shown"
