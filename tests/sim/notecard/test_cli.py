"""``badge notecard`` as a user meets it."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys

import pytest
import serial
from click.testing import CliRunner
from rich.console import Console

from badge.errors import InputError
from sim.notecard.cli import notecard
from sim.notecard.model.outputs import Traced
from sim.notecard.transport.trace import colour_watch, json_watch
from tests.patience import PATIENCE_S, until

RUN = [sys.executable, "-c", "from sim.notecard.cli import notecard; notecard()"]


def test_on_a_pty_watched_as_ndjson_with_its_state_kept(tmp_path, web_server):
    sink = web_server(b"", status=202)
    words = ["--link", str(tmp_path / "card"), "--json", "--state", str(tmp_path / "state")]
    words += ["--hub-to", sink.url, "--header", "hub=X-Key: $TEST_KEY", "--registration", "0"]
    process = subprocess.Popen(
        RUN + words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"TEST_KEY": "very-secret"},
    )
    assert "dev:864475046000001" in process.stderr.readline()
    with serial.Serial(str(tmp_path / "card"), timeout=PATIENCE_S) as port:
        port.write(b'{"req":"hub.set","product":"p:q","mode":"continuous"}\n')
        assert port.read_until(b"\n") == b"{}\r\n"
        port.write(b'{"req":"note.add","body":{"n":1},"sync":true}\n')
        assert port.read_until(b"\n") == b'{"total":1}\r\n'
        until(lambda: sink.requests)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE_S)
    lines = [json.loads(line) for line in out.splitlines()]
    assert {"request", "reply", "link", "note"} <= {line["kind"] for line in lines}
    assert sink.headers[0]["X-Key"] == "very-secret"
    assert "very-secret" not in out + err
    assert json.loads((tmp_path / "state").read_text())["settings"]["hub"]["product"] == "p:q"
    assert not (tmp_path / "card").is_symlink()


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ([], "choose one wire"),
        (["--pty", "--serial", "x"], "choose one wire"),
        (["--pty", "--fault", "rain"], "rain"),
        (["--pty", "--fault", "nack"], "--i2c-socket"),
        (["--pty", "--hub-to", "nowhere"], "--hub-to"),
        (["--pty", "--route", "x"], "ALIAS=URL"),
        (["--pty", "--route", "x=ftp://y"], "--route x"),
        (["--pty", "--header", "x=Key: secret"], "no --route"),
        (["--pty", "--header", "hub=Key: $NOT_SET_AT_ALL"], "NOT_SET_AT_ALL"),
        (["--pty", "--header", "secret"], "ALIAS=NAME:VALUE"),
        (["--pty", "--jsonata", "x"], "--hub-to"),
        (["--pty", "--track", "no-such-file"], "no-such-file"),
    ],
)
def test_a_users_mistake_is_one_sentence(words, part):
    result = CliRunner().invoke(notecard, words)
    assert isinstance(result.exception, InputError | FileNotFoundError)
    assert part in str(result.exception)
    assert "secret" not in str(result.exception)


def test_the_faults_are_listed():
    result = CliRunner().invoke(notecard, ["--list-faults"])
    assert result.exit_code == 0
    assert "brown-out" in result.output


def test_a_trace_in_colour_and_without():
    stream = io.StringIO()
    watch = colour_watch(Console(file=stream, force_terminal=True, width=40))
    watch(1500, Traced("request", '{"req":"[bold]"}'))
    watch(1501, Traced("reply", '{"err":"no"}'))
    assert '1.500 → {"req":"[bold]"}' in stream.getvalue()
    assert "\x1b[31m" in stream.getvalue()
    plain = io.StringIO()
    json_watch(plain)(5, Traced("reply", "é\ud800"))
    assert json.loads(plain.getvalue()) == {"ms": 5, "kind": "reply", "text": "é?"}


def test_a_wifi_password_is_not_traced(desk):
    desk.ask("card.wifi", ssid="site", password="open sesame")
    assert "open sesame" not in repr(desk.seen)
