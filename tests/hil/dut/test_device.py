"""A device under test: a program at the end of a pty, as a test sees it."""

from __future__ import annotations

import sys

import pytest

from badge import BadgeConfig
from badge.errors import InputError
from badge.host.recording_file import RecordingWriter
from badge.inputs import Boot, Tick
from badge.recording.format import Header
from hil.dut.device import DeviceUnderTest
from hil.dut.drivers.ports import Setup

# Logs a line, then answers; refuses the fourth line, and echoes what is no JSON.
ANSWERING = """
import sys
with open(sys.argv[1], "r+b", buffering=0) as console:
    for number, line in enumerate(iter(console.readline, b""), 1):
        console.write(b"I (%d) app: ok, next\\r\\n\\n" % number)
        if not line.startswith(b"{"):
            console.write(line)
        else:
            console.write(b"error: line %d: no\\n" % number if number == 4 else b"ok\\n")
"""


class Card:
    path = "/dev/pts/9"


@pytest.fixture
def device(tmp_path):
    def made(source):
        program = tmp_path / "device.py"
        program.write_text(source)
        setup = Setup(command=f"{sys.executable} {program} {{console}}")
        found = DeviceUnderTest(setup, Card(), None, tmp_path)
        devices.append(found)
        return found

    devices = []
    yield made
    for one in devices:
        one.close()


@pytest.fixture(params=["shift.ndjson", "shift.cbor"])
def recording(request, tmp_path):
    header = Header(BadgeConfig(device_id="ACT-3F8A21B4"), "1.4.2")
    with RecordingWriter(tmp_path / request.param, header) as writer:
        writer.happened(0, Boot())
        writer.wrote(0, {"sequence_number": 1, "event_type": "reboot", "payload": {}})
        writer.happened(5, Tick())
    return tmp_path / request.param


def test_lines_are_fed_and_answered_whatever_the_device_logs_meanwhile(device, recording):
    fed = device(ANSWERING)
    fed.power_on()
    fed.feed(recording)  # three lines: its event is not sent
    fed.say("four\n")
    assert [fed.hear() for _ in range(3)] == ["I (4) app: ok, next", "", "four"]


def test_a_recording_is_fed_in_parts_with_one_header(device, recording):
    fed = device(ANSWERING)
    fed.power_on()
    fed.feed(recording, until_ms=5)  # the header and the boot
    assert fed.fed_ms == 0
    fed.feed(recording, from_ms=5)
    assert fed.fed_ms == 5
    fed.say("four\n")
    assert [fed.hear() for _ in range(3)] == ["I (4) app: ok, next", "", "four"]


def test_a_refusal_names_the_line(device, recording):
    fed = device(ANSWERING)
    fed.power_on()
    fed.feed(recording)
    with pytest.raises(AssertionError, match=r"'error: line 4: no' to \{\"format\""):
        fed.feed(recording)


def test_what_is_no_recording_is_never_sent(device, tmp_path):
    (tmp_path / "x.ndjson").write_text("not one\n")
    fed = device(ANSWERING)
    fed.power_on()
    with pytest.raises(InputError, match=r"x\.ndjson"):
        fed.feed(tmp_path / "x.ndjson")


def test_a_device_that_ends_or_says_nothing_is_said(device, recording, monkeypatch):
    dies = device("raise SystemExit(7)")
    dies.power_on()
    with pytest.raises(AssertionError, match="the device ended with 7"):
        dies.hear()
    mute = device(
        "import sys, threading; print('boot', file=open(sys.argv[1], 'w'), flush=True); "
        "threading.Event().wait()"
    )
    mute.power_on()
    assert mute.hear() == "boot"
    with pytest.raises(AssertionError, match=r"said nothing for 0\.2 s"):
        mute.hear(0.2)
    monkeypatch.setattr("hil.dut.device.LINE_TIMEOUT_S", 0.2)
    monkeypatch.setattr("hil.dut.device.START_TIMEOUT_S", 60.0)
    with pytest.raises(AssertionError, match=r"did not answer ok within 0\.2 s"):
        mute.feed(recording)


def test_a_reset_starts_it_anew(device):
    again = device(
        "import sys, threading; print('up', file=open(sys.argv[1], 'w'), flush=True); "
        "threading.Event().wait()"
    )
    again.power_on()
    assert again.hear() == "up"
    again.reset()
    assert again.hear() == "up"
