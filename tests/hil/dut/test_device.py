"""A device under test: a program at the end of a pty, as a test sees it."""

from __future__ import annotations

import sys

import pytest

from hil.dut.device import DeviceUnderTest
from hil.dut.drivers import Setup

# Answers each line with `ok`, and the fourth one with something else.
ANSWERING = """
import sys
with open(sys.argv[1], "r+b", buffering=0) as console:
    for number, line in enumerate(iter(console.readline, b""), 1):
        console.write(b"no such line\\n" if number == 4 else b"ok\\n")
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


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "shift.ndjson"
    path.write_text('{"format":"badge-recording"}\n{"ms":1,"out":{}}\n{"ms":1,"in":{}}\n')
    return path


def test_each_line_of_a_recording_but_its_events_is_fed_and_answered(device, recording):
    fed = device(ANSWERING)
    fed.power_on()
    fed.feed(recording)
    fed.say("three")
    assert fed.hear() == "ok"
    fed.say(b"four\n")
    assert fed.hear() == "no such line"


def test_an_answer_that_is_not_ok_names_the_line(device, recording):
    fed = device(ANSWERING)
    fed.power_on()
    fed.feed(recording)
    with pytest.raises(AssertionError, match=r"no such line.*\"ms\":1,\"in\""):
        fed.feed(recording)


def test_a_device_that_ends_or_says_nothing_is_said(device):
    dies = device("raise SystemExit(7)")
    dies.power_on()
    with pytest.raises(AssertionError, match="the device ended with 7"):
        dies.hear()
    mute = device("import time; time.sleep(600)")  # until its power is taken
    mute.power_on()
    with pytest.raises(AssertionError, match=r"said nothing for 0\.2 s"):
        mute.hear(0.2)


def test_a_reset_starts_it_anew(device):
    again = device("import sys; open(sys.argv[1], 'w').write('up\\n'); sys.stdin.read()")
    again.power_on()
    assert again.hear() == "up"
    again.reset()
    assert again.hear() == "up"
