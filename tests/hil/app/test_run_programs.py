"""Four programs as a user starts them: a card and an air in one scenario, a badge, its buttons."""

from __future__ import annotations

import fcntl
import json
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from contextlib import ExitStack

import pytest

from sim.ingest.launch import launch_ingest
from tests.patience import PATIENCE_S, until

pytestmark = pytest.mark.slow

BADGE = [sys.executable, "-m", "badge"]
# At 10:30 the first badge of the crew works beside the excavator.
SCENARIO = ("crew-of-five", "--from", "10:30")
CONFIG = {
    "device_id": "ACT-3F8A21B4",
    "known_equipment_tags": [f"AA:BB:CC:00:00:0{n}" for n in range(1, 5)],
    "gps_interval_s": 1,
    "gps_timeout_s": 1,
    "gps_stationary_interval_s": 1,
    "ble_scan_period_s": 1,
    "ble_rssi_threshold": -95,
    "upload_interval_s": 3,
    "boot_upload_delay_s": 1,
    "backoff_first_s": 1,
}


@pytest.fixture
def start(tmp_path):
    with ExitStack() as stack:

        def program(*words, **environment):
            process = subprocess.Popen(
                [*BADGE, *map(str, words)],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                cwd=tmp_path,
                env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path), **environment},
            )
            stack.callback(process.communicate, timeout=PATIENCE_S)
            stack.callback(process.terminate)
            return process

        yield program


def call(tmp_path, *words):
    return subprocess.run(
        [*BADGE, *map(str, words)], capture_output=True, text=True, cwd=tmp_path, check=False
    )


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_a_badge_in_a_scenario_that_is_stopped_and_goes_on(start, tmp_path, stop):
    (tmp_path / "device_config.json").write_text(json.dumps(CONFIG))
    with launch_ingest() as ingest:

        def kinds():
            return {event["event_type"] for event in ingest.store.events()}

        route = f"ingest={ingest.url}/api/events"
        words = ("--link", "card", "--world", *SCENARIO, "--time-warp", 10, "--route", route)
        card = start("notecard", *words)
        assert card.stderr.readline().startswith("badge 1 of crew-of-five: ")
        assert "at card" in card.stderr.readline()
        air = start("air", *SCENARIO)
        name, _, value = air.stdout.readline().strip().removeprefix("export ").partition("=")
        run = (
            "run", "--notecard", "serial:card", "--scanner", "bleak", "--config",
            "device_config.json", "--product", "com.example:badge",
        )  # fmt: skip
        badge = start(*run, "--record", "shift.ndjson", **{name: value})
        until((tmp_path / "badge.flash.sock").exists, "the badge does not run")
        assert call(tmp_path, "assign", "W-007").stdout == "the shift of W-007 has begun\n"
        wanted = {"reboot", "shift_start", "gps", "ble_proximity"}
        until(lambda: wanted <= kinds(), kinds)
        badge.send_signal(stop)
        _, said = badge.communicate(timeout=PATIENCE_S)
        assert badge.returncode == 130
        assert "Traceback" not in said
        assert "the shift of W-007 is open" in said
        assert not (tmp_path / "badge.flash.sock").exists()
        again = start(*run, **{name: value})
        until(lambda: "shift_end" in kinds(), "it does not go on")
        again.send_signal(stop)
        assert again.wait(PATIENCE_S) == 130
        numbers = [event["sequence_number"] for event in ingest.store.events()]
        assert numbers == sorted(set(numbers))
        place = next(one["payload"] for one in ingest.store.events() if one["event_type"] == "gps")
        assert abs(place["lat"] - 45.81) < 0.01
        assert abs(place["lon"] - 15.98) < 0.01
    replayed = call(tmp_path, "replay", "shift.ndjson")
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr


class Terminal:
    """A terminal of 80 columns with a program on it."""

    def __init__(self, words, folder):
        self.end, near = os.openpty()
        fcntl.ioctl(near, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        environment = {**os.environ, "TERM": "xterm", "XDG_RUNTIME_DIR": str(folder)}
        self.process = subprocess.Popen(
            [*BADGE, *map(str, words)],
            stdin=near,
            stdout=near,
            stderr=near,
            cwd=folder,
            env=environment,
            start_new_session=True,
        )
        os.close(near)
        self.shown = ""

    def until(self, text):
        until_s = time.monotonic() + PATIENCE_S
        while text not in self.shown:
            assert time.monotonic() < until_s, (text, self.shown[-2000:])
            if select.select([self.end], [], [], 0.2)[0]:
                raw = os.read(self.end, 65536).decode(errors="replace")
                self.shown += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", raw)

    def press(self, key):
        self.shown = ""
        os.write(self.end, key.encode())

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.end)


def test_keys_and_the_live_status_on_a_terminal(bench, tmp_path):
    terminal = Terminal(
        ("run", "--notecard", bench().spec, "--product", "com.example:badge"), tmp_path
    )
    try:
        terminal.until("keys: a assign   u end the shift   q quit")
        for row in ("state", "position", "tags", "queue", "upload", "card"):
            terminal.until(row)
        terminal.press("a")
        terminal.until("the shift of W-007 has begun")
        terminal.until("active (W-007)")
        terminal.until("42.5776")
        terminal.press("a")
        terminal.until("a shift is open already")
        terminal.press("u")
        terminal.until("the shift of W-007 has ended")
        terminal.press("q")
        assert terminal.process.wait(PATIENCE_S) == 0
    finally:
        terminal.close()
