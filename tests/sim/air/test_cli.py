"""`badge air` and real captures: every report arrives, per device, in order."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections import defaultdict
from pathlib import Path

import pytest
from bleak import BleakScanner
from click.testing import CliRunner

from badge.errors import InputError
from sim.air.cli import air as command
from sim.air.feed import from_sightings, play
from sim.air.radio.air import Air
from sim.sources.open import read_adverts
from tests.command import started
from tests.paths import DOCS, RECORDINGS
from tests.patience import PATIENCE_S

CAPTURES = [("ble-capture.btsnoop", 412), ("ble-walk-straight.csv", None)]


def series(pairs):
    found = defaultdict(list)
    for mac, rssi in pairs:
        found[mac].append(rssi)
    return dict(found)


@pytest.mark.parametrize(("name", "count"), CAPTURES)
def test_a_capture_replayed_through_bleak_is_equal_per_device(offer, eventually, name, count):
    path = RECORDINGS / name
    if not path.exists():
        pytest.skip(f"no recording {name} beside the checkout")
    sightings = read_adverts(path).sightings
    heard = []

    async def story():
        air = Air(1)
        async with offer(air) as bus:
            scanner = BleakScanner(lambda d, a: heard.append((d.address, a.rssi)))
            await scanner.start()
            reports = from_sightings((s.utc_ms, s.mac, s.rssi_dbm, None) for s in sightings)
            now = asyncio.get_running_loop().time
            settings = {"now_s": now, "sleep": asyncio.sleep, "drain": bus.drain}
            await play(air, reports, speed=float("inf"), **settings)
            await eventually(lambda: len(heard) == len(sightings))
            await scanner.stop()

    asyncio.run(story())
    assert series(heard) == series((s.mac, s.rssi_dbm) for s in sightings)
    assert count in (None, len(heard))


TABLE = "unix_ms,mac,rssi\n" + "".join(
    f"{1_700_000_000_000 + 20 * i},AA:BB:CC:DD:EE:{i % 3:02X},{-60 - i % 20}\n" for i in range(60)
)
LISTENER = """
import asyncio
from bleak import BleakScanner
heard = []
async def main():
    async with BleakScanner(lambda d, a: heard.append(a.rssi), bluez={"adapter": "hci1"}):
        while len(heard) < 60:
            await asyncio.sleep(0.01)
asyncio.run(asyncio.wait_for(main(), 60))
print(sorted(heard[:60]) == sorted(-60 - i % 20 for i in range(60)))
"""
RUN = "from sim.air.cli import air; air(standalone_mode=False)"


def test_another_program_hears_the_air_by_the_printed_variable_alone(tmp_path):
    table = tmp_path / "room.csv"
    table.write_text(TABLE)
    # The ideal one: a real BlueZ merges what comes at once, which a busy machine makes of it.
    arguments = [str(table), "--bluez", "ideal", "--adapters", "2", "--speed", "4", "--loop"]
    command = [sys.executable, "-c", RUN, *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with started(command, **pipes) as process:
        line = process.stdout.readline().strip()
        name, _, value = line.removeprefix("export ").partition("=")
        listener = subprocess.run(
            [sys.executable, "-c", LISTENER],
            env={**os.environ, name: value},
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=PATIENCE_S)
    assert name == "DBUS_SYSTEM_BUS_ADDRESS"
    assert listener.stdout.strip() == "True", listener.stderr
    assert "reports heard by 1 connection" in told
    assert not Path(value.removeprefix("unix:path=")).exists()


def test_without_dbus_fast_the_remedy_is_its_installation(tmp_path, monkeypatch):
    monkeypatch.setattr("badge.extras.find_spec", lambda name: None)
    table = tmp_path / "room.csv"
    table.write_text(TABLE)
    outcome = CliRunner().invoke(command, [str(table)])
    assert "pip install" in str(outcome.exception)


def test_the_example_of_the_page_runs(monkeypatch, capsys):
    page = (DOCS / "air.md").read_text()
    example = page[page.index("    import asyncio, os") : page.index("It costs some ten")]
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere")
    exec(textwrap.dedent(example), {"__name__": "page"})
    assert capsys.readouterr().out.split()[-2:] == ["tag", "-127"]


@pytest.mark.parametrize(
    ("options", "remedy"),
    [
        (["--speed", "0"], "above 0"),
        (["--adapters", "0"], "1 or more"),
        (["--adapters", "21"], "0 to 20"),
        (["--fault", "flood"], "write one of"),
    ],
)
def test_a_wrong_option_is_one_sentence_with_the_remedy(tmp_path, options, remedy):
    table = tmp_path / "room.csv"
    table.write_text(TABLE)
    outcome = CliRunner().invoke(command, [str(table), *options])
    assert isinstance(outcome.exception, InputError)
    assert remedy in str(outcome.exception)
