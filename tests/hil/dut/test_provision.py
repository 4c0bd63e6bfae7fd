"""`badge provision`: a device takes its configuration, or says why not."""

from __future__ import annotations

import json
import os
import threading
import tty

import pytest
from click.testing import CliRunner

from badge.config import BadgeConfig, read_config
from badge.errors import InputError
from hil.dut.cli import provision as command
from hil.dut.provision import provision

DOCUMENT = {"device_id": "ACT-3F8A21B4", "api_key": "ak_3F8A21B4_secret", "gps_interval_s": 20}
REBOOT = {
    "device_id": "ACT-3F8A21B4",
    "firmware_version": "1.4.2",
    "event_type": "reboot",
    "timestamp_utc": "2026-03-14T08:32:15Z",
    "sequence_number": 1,
    "payload": {"reason": "power_on", "previous_uptime_s": 0, "events_in_queue": 0},
}


class Console:
    """Says what it is told to; time passes as it is read."""

    def __init__(self, *said):
        self.said, self.sent, self.now = list(said), b"", 0.0

    def send(self, line):
        self.sent += line

    def read(self):
        self.now += 1
        one = self.said.pop(0) if self.said else b""
        return one if isinstance(one, bytes) else json.dumps(one).encode() + b"\n"

    def go(self):
        return provision(self, read_config(DOCUMENT), lambda: self.now)


def test_it_is_written_whole_and_the_reboot_is_returned():
    console = Console(b"boot loader 1.0\n", {"ok": True}, b'{"half":', b"1}\n[1]\n", REBOOT)
    assert console.go() == REBOOT
    sent = json.loads(console.sent)["provision"]
    # Not the file: what it leaves out goes with its default, so that nothing of before is left.
    assert set(sent) == set(BadgeConfig.model_fields) > set(DOCUMENT)
    assert read_config(sent) == read_config(DOCUMENT)
    assert Console({"ok": True}, {"event": REBOOT}).go() == REBOOT


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ([], "did not answer within 10 s"),
        ([{"ok": False, "error": "flash is full"}], "refuses: flash is full"),
        ([{"ok": True}], "no reboot within 30 s"),
        ([{"ok": True}, REBOOT | {"device_id": "ACT-00000002"}], "boots as ACT-00000002"),
        ([{"ok": True}, REBOOT | {"payload": {}}], "reboot event is not right"),
    ],
)
def test_what_goes_wrong_is_said_without_the_key(said, words):
    with pytest.raises(InputError, match=words) as caught:
        Console(*said).go()
    assert "secret" not in str(caught.value)


def test_over_a_pty(tmp_path):
    device, host = os.openpty()
    tty.setraw(host)
    path = tmp_path / "device_config.json"
    path.write_text(json.dumps(DOCUMENT))

    def answer():
        line = b""
        while not line.endswith(b"\n"):
            line += os.read(device, 4096)
        os.write(device, b'{"ok":true}\n' + json.dumps(REBOOT).encode() + b"\n")

    thread = threading.Thread(target=answer)
    thread.start()
    words = ["--port", f"serial:{os.ttyname(host)}", "--config", str(path)]
    result = CliRunner().invoke(command, words)
    thread.join()
    assert result.exit_code == 0, result.exception
    assert "ACT-3F8A21B4 runs 1.4.2" in result.output
    assert "secret" not in result.output
    os.close(device)
    os.close(host)


@pytest.mark.parametrize("port", ["ttyUSB0", "i2c:/dev/i2c-1", "serial:/nonexistent"])
def test_a_port_that_is_none(port, tmp_path):
    path = tmp_path / "device_config.json"
    path.write_text(json.dumps(DOCUMENT))
    result = CliRunner().invoke(command, ["--port", port, "--config", str(path)])
    assert isinstance(result.exception, InputError)
