"""Gates on a device under test: the reference badge, in a loop of its own, behind wires."""

from __future__ import annotations

import asyncio
import json
import os
import threading
import time
import tty
from contextlib import ExitStack

import pytest
from click.testing import CliRunner

from badge.errors import InputError
from badge.inputs import Assign
from hil.app.assembly import assembled
from hil.app.options import RunOptions
from hil.dut.feed import open_feed, right_ones
from hil.gates.cli import gate
from hil.gates.dut import by_device, gates, missing, repeated
from hil.gates.trial import GateOptions
from sim.air.launch import launch_air
from sim.notecard.notehub.hub import Hub
from sim.notecard.notehub.routes import Proxy
from tests.hil.story import CONFIG, HERE, TAG

WARP = 10.0
pytestmark = pytest.mark.usefixtures("hurried")


def silent(share, words):
    assert 0 <= share <= 1


class Device:
    """A badge with a Notecard and a console on a pty; its power can be taken away."""

    def __init__(self, spec, flash, clock, scanner="none"):
        self.options = RunOptions(spec, scanner, CONFIG, flash, product="com.example:badge")
        self.clock = clock
        self.far_end, self.near_end = os.openpty()
        tty.setraw(self.near_end)
        self.console = os.ttyname(self.near_end)
        self.power_on()

    def power_on(self, shift=True):
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=asyncio.run, args=(self.live(shift),), daemon=True)
        self.thread.start()

    def power_off(self):
        self.stopping.set()
        self.thread.join()

    async def live(self, shift):
        async with assembled(self.options, self.clock, lambda text: None, [self]) as parts:
            running = asyncio.create_task(parts.pump.run())
            while not (parts.sensors.view.utc_known and parts.sensors.view.connected):
                await asyncio.sleep(0.01)  # the card tells when it is asked
            if shift:
                parts.pump.receive(Assign("W-007"))
            await asyncio.to_thread(self.stopping.wait)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    def happened(self, ms, what):
        pass

    def noticed(self, ms, notice):
        pass

    def logged(self, ms, entry):
        if entry.unix_ms is not None:
            line = json.dumps(entry.event(CONFIG.device_id)).encode()
            os.write(self.far_end, b"log: something else\n" + line + b"\n")

    def close(self):
        self.power_off()
        os.close(self.far_end)
        os.close(self.near_end)


@pytest.fixture
def rig(bench, tmp_path, warped):
    """`rig("serial" or "ingest")` is (gates on the device, the device)."""
    with ExitStack() as stack:

        def make(way, scanner="none", warp=WARP, **asked):
            clock, begun_s, begun_ns = warped(warp), time.time(), time.monotonic_ns()
            feed = stack.enter_context(open_feed("ingest")) if way == "ingest" else None
            proxies = {} if feed is None else {"ingest": Proxy(feed.line.url)}
            card = bench("serial", warp, hub=Hub([], proxies))
            device = Device(card.spec, tmp_path / "dut.flash", clock, scanner)
            stack.callback(device.close)
            if feed is None:
                feed = stack.enter_context(open_feed(f"serial:{device.console}"))

            def unix_s():
                return begun_s + (time.monotonic_ns() - begun_ns) / 1e9 * warp

            options = GateOptions(clock=clock, unix_s=unix_s, **asked)
            return gates(options, CONFIG, feed), device

        yield make


def run(stage, key):
    measured = stage[key](silent)
    return measured, {figure.name: figure for figure in measured.figures}


def unmet(figures):
    return [name for name, figure in figures.items() if not figure.met]


@pytest.mark.parametrize("way", ["serial", "ingest"])
@pytest.mark.slow
def test_gates_1_and_2(rig, way):
    stage, _ = rig(way, hours=20 / 3600, at=HERE)
    measured, figures = run(stage, "2")
    assert unmet(figures) == []
    assert len(measured.samples) == 30
    measured, figures = run(stage, "1")
    assert unmet(figures) == ["hours", "badges online at the end"], figures
    assert measured.samples[0]["positions"] > 12


@pytest.mark.slow
def test_the_command_reads_a_console(rig, tmp_path, monkeypatch, warped):
    _, device = rig("ingest")
    monkeypatch.setattr("hil.clock.SystemClock", lambda: warped(WARP))
    words = ["2", "--on", f"serial:{device.console}", "--at", "42.5776,-70.8713"]
    report = tmp_path / "r.md"
    result = CliRunner().invoke(gate, [*words, "--report", str(report)])
    assert result.exit_code == 0, (result.output, result.exception)
    assert report.read_text().startswith("# Exit gates, device at serial:")


@pytest.mark.slow
def test_gate_3_by_what_it_logs(rig, monkeypatch):
    strength, ended = {"dbm": -60}, threading.Event()
    with launch_air() as air:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", air.environment["DBUS_SYSTEM_BUS_ADDRESS"])

        def send():
            while not ended.is_set():
                air.advertise(TAG, strength["dbm"], manufacturer_data={1: b"x"})
                time.sleep(0.01)  # the tag's interval

        def place(words):
            strength["dbm"] = -63 if words.endswith(" 5 m") else -84

        sending = threading.Thread(target=send)
        sending.start()
        try:
            stage, device = rig("serial", "bleak", 40.0, hands=place)
            measured, figures = run(stage, "3")
            device.power_off()
        finally:
            ended.set()
            sending.join()
    assert unmet(figures) == [], figures
    assert measured.shares[5] > 0.85
    assert measured.shares[10] < 0.1


@pytest.mark.slow
def test_gate_4_and_the_outage_by_its_uploads(rig):
    stage, _ = rig("ingest", hours=24 / 3600)
    measured, figures = run(stage, "4")
    assert unmet(figures) == ["hours"]
    assert {one["status"] for one in measured.samples} == {202}
    measured, figures = run(stage, "outage")
    assert unmet(figures) == ["hours without network"], figures


@pytest.mark.slow
def test_gate_5_by_the_number_that_its_reboot_tells(rig):
    devices = []

    def switch(words):
        device = devices[0]
        device.power_off() if words == "power off" else device.power_on(shift=False)

    stage, device = rig("ingest", hands=switch)
    devices.append(device)
    measured, figures = run(stage, "5")
    assert unmet(figures) == [], (figures, measured.samples)


@pytest.mark.slow
def test_a_silent_device_misses_gate_4(warped, tmp_path):
    with open_feed("ingest") as feed:
        stage = gates(GateOptions(hours=20 / 3600, clock=warped(40)), CONFIG, feed)
        measured, figures = run(stage, "4")
    assert {one["status"] for one in measured.samples} == {"none"}
    assert "that end in 202" in unmet(figures)


def event(number, second, kind="gps", device_id="ACT-3F8A21B4", **payload):
    default = {"lat": 42.5776, "lon": -70.8713, "accuracy_m": 3.0, "fix_type": "3d"}
    return {
        "device_id": device_id,
        "firmware_version": "1.0.0",
        "event_type": kind,
        "timestamp_utc": f"2026-03-14T08:{second // 60:02}:{second % 60:02}Z",
        "sequence_number": number,
        "payload": payload or default,
    }


def shift(seconds=600):
    reboot = {"reason": "power_on", "previous_uptime_s": 0, "events_in_queue": 0}
    first = [event(1, 0, "reboot", **reboot), event(2, 0, "shift_start", worker_id="W-007")]
    moving = event(3, 0, "motion", previous_state="stationary", new_state="moving", duration_s=0)
    times = range(1, seconds, 15)
    return [*first, moving, *(event(4 + n, second) for n, second in enumerate(times))]


def judged(tmp_path, events, *words):
    path = tmp_path / "dut.ndjson"
    path.write_text("".join(json.dumps(one) + "\n" for one in events))
    result = CliRunner().invoke(gate, [*words, "--on", str(path), "--json"])
    assert result.exit_code in (0, 1), (result.output, result.exception)
    return json.loads(result.output)["gates"]


def met(gate):
    return {figure["name"]: figure["met"] for figure in gate["figures"]}


def test_a_file_of_events_is_judged_at_once(tmp_path):
    found = judged(tmp_path, shift(), "1", "2", "--at", "42.5776,-70.8713")
    assert all(met(found["2"]).values())
    assert found["1"]["samples"][0] == {
        "badge": "ACT-3F8A21B4",
        "logged": 43,
        "arrived": 43,
        "positions": 40,
        "expected": 40,
        "reboots": 0,
        "dropped": 0,
        "repeated": 0,
    }


@pytest.mark.parametrize(
    ("spoil", "name"),
    [
        (lambda events: events.pop(20), "events lost"),
        (lambda events: events.append(event(9, 590)), "repeated numbers"),
        (
            lambda events: events.append(
                event(99, 599, "reboot", reason="watchdog", previous_uptime_s=9, events_in_queue=0)
            ),
            "reboots after the first",
        ),
        (lambda events: events.__delitem__(slice(20, 30)), "position events off their number, "),
    ],
)
def test_what_a_device_does_wrong_misses_gate_1(tmp_path, spoil, name):
    events = shift()
    spoil(events)
    found = met(judged(tmp_path, events, "1")["1"])
    assert not next(ok for figure, ok in found.items() if figure.startswith(name))


def test_the_right_place_matters(tmp_path):
    found = judged(tmp_path, shift(), "2", "--at", "42.5778,-70.8713")
    assert not met(found["2"])["within 15 m"]


def test_numbers():
    events = shift(60)
    assert missing(events) == repeated(events) == 0
    assert by_device([*events, *events]) == {"ACT-3F8A21B4": events}
    assert repeated(next(iter(by_device([*events, event(5, 59)]).values()))) == 1
    assert right_ones([{**events[0], "sequence_number": 0}, *events]) == events


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["3"], "not a file"),
        (["4"], "ingest:PORT"),
        (["5"], "ingest:PORT"),
        (["outage"], "ingest:PORT"),
        (["2"], "--at"),
    ],
)
def test_a_file_cannot_tell_everything(tmp_path, words, text):
    path, config = tmp_path / "dut.ndjson", tmp_path / "device_config.json"
    path.write_text(json.dumps(event(1, 0)))
    config.write_text(json.dumps(CONFIG.public()))
    words = [*words, "--on", str(path), "--config", str(config)]
    assert text in str(CliRunner().invoke(gate, words).exception)


@pytest.mark.parametrize("where", ["nowhere.ndjson", "serial:", "serial:/dev/none", "ingest:x"])
def test_a_place_that_is_none_is_refused(where):
    result = CliRunner().invoke(gate, ["2", "--on", where])
    assert isinstance(result.exception, InputError)
    assert "--on" in str(result.exception)


def test_nobody_to_place_a_tag_is_said_before_anything_begins(tmp_path):
    config = tmp_path / "device_config.json"
    config.write_text(json.dumps(CONFIG.public()))
    words = ["1", "5", "--on", "ingest", "--config", str(config)]
    result = CliRunner().invoke(gate, words)
    assert "--hands" in str(result.exception)
