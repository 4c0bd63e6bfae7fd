"""A scenario's tags in the virtual air, as its badges' radios receive them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from click.testing import CliRunner

from badge.errors import InputError
from sim.air.cli import air
from sim.air.radio.content import content_of
from sim.air.scenario_feed import from_scenario
from sim.scenario.pick import moment_of, roster_of
from tests.command import started
from tests.patience import PATIENCE_S
from tests.sim.scenario.story import SMALL

MIXER = "AA:BB:CC:00:00:01"


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    return path


def test_a_tag_is_loud_beside_it_and_quiet_from_the_depot(path):
    roster = roster_of(str(path))
    reports = list(from_scenario(roster, [0, 1], moment_of(roster, "07:32")))
    assert {one.adapter for one in reports} == {"hci0", "hci1"}
    assert {one.mac for one in reports} == {MIXER}
    assert [one.at_ms for one in reports] == sorted(one.at_ms for one in reports)
    clock = roster.site_plan.clock
    near = [one.rssi_dbm for one in reports if one.at_ms < clock.ms_of("07:36")]
    home = [one.rssi_dbm for one in reports if one.at_ms > clock.ms_of("08:00")]
    assert sum(near) / len(near) > -60
    assert sum(home) / max(len(home), 1) < -75


def test_a_second_hears_most_of_what_is_sent(path):
    roster = roster_of(str(path))
    begin_ms = moment_of(roster, "07:32")
    heard = [one for one in from_scenario(roster, [0], begin_ms) if one.at_ms < begin_ms + 60_000]
    interval_ms = roster.source.scenario.equipment["mixer"].interval_ms
    assert len(heard) > 0.8 * 60_000 / (interval_ms + 5)


def test_the_same_scenario_gives_the_same_air(path):
    roster, again = roster_of(str(path)), roster_of(str(path))
    begin_ms = moment_of(roster, "08:00")
    assert list(from_scenario(roster, [0], begin_ms)) == list(from_scenario(again, [0], begin_ms))


def test_a_real_capture_of_the_site_is_heard_by_whom_the_scenario_names(path, tmp_path):
    (tmp_path / "walk.csv").write_text(
        "unix_ms,mac,rssi\n1700000000000,AA:BB:CC:DD:EE:0F,-61\n1700000000500,AA:BB:CC:DD:EE:0F,-67\n"
    )
    capture = '  captures: [{file: walk.csv, at: "07:40", badges: [2]}]\n'
    path.write_text(SMALL.replace("equipment:", capture + "equipment:", 1))
    roster = roster_of(str(path))
    reports = list(from_scenario(roster, [0, 1], moment_of(roster, "07:39")))
    told = [(one.adapter, one.rssi_dbm) for one in reports if one.mac.endswith("0F")]
    assert told == [("hci1", -61), ("hci1", -67)]


def test_a_scanner_that_is_down_hears_nothing_so_long(path):
    incident = """
incidents:
  - {at: "07:33", badges: [1], scanner_down_min: 2}
"""
    path.write_text(SMALL + incident)
    roster = roster_of(str(path))
    reports = from_scenario(roster, [0, 1], moment_of(roster, "07:32"))
    clock, until_ms = roster.site_plan.clock, roster.site_plan.clock.ms_of("07:36")
    at_ms = [one.at_ms for one in reports if one.adapter == "hci0" and one.at_ms < until_ms]
    down = [ms for ms in at_ms if clock.ms_of("07:33") <= ms < clock.ms_of("07:35")]
    assert (len(down), len(at_ms) > 100) == (0, True)


@pytest.mark.parametrize(
    ("payload", "kind"), [("ruuvi", 0x0499), ("ibeacon", 0x4C), ("0201061bFFFFFF", None)]
)
def test_a_tag_says_what_the_scenario_tells_it_to(path, payload, kind):
    path.write_text(SMALL.replace('tag: "AA', f'payload: "{payload}", tag: "AA'))
    roster = roster_of(str(path))
    first = next(iter(from_scenario(roster, [0], moment_of(roster, "07:32"))))
    assert list(content_of(first.advert.data).manufacturer_data) == ([kind] if kind else [])


LISTENER = f"""
import asyncio
from bleak import BleakScanner
heard = []
async def main():
    def note(device, advert):
        heard.append((device.address, advert.rssi))
    async with BleakScanner(note, bluez={{"adapter": "hci1"}}):
        while len(heard) < 20:
            await asyncio.sleep(0.01)
asyncio.run(asyncio.wait_for(main(), 60))
print({{mac for mac, _ in heard}} == {{"{MIXER}"}} and max(dbm for _, dbm in heard) > -62)
"""
RUN = "from sim.air.cli import air; air(standalone_mode=False)"


def test_another_program_hears_the_scenario(path):
    words = [str(path), "--adapters", "2", "--from", "07:33", "--speed", "5"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with started([sys.executable, "-c", RUN, *words], **pipes) as process:
        name, _, value = process.stdout.readline().strip().removeprefix("export ").partition("=")
        listener = subprocess.run(
            [sys.executable, "-c", LISTENER],
            env={**os.environ, name: value},
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE_S)
    assert listener.stdout.strip() == "True", listener.stderr


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["nowhere"], "crew-of-five"),
        (["nowhere.yaml"], "crew-of-five"),
        (["nowhere.csv"], "no such file"),
        (["crew-of-five", "--badge", "6"], "badges 1 to 5"),
        (["crew-of-five", "--badge", "5", "--adapters", "2"], "badges 1 to 5"),
        (["crew-of-five", "--from", "noon"], "like 07:10"),
    ],
)
def test_mistakes_are_one_sentence(words, text):
    outcome = CliRunner().invoke(air, words)
    assert isinstance(outcome.exception, InputError)
    assert text in str(outcome.exception)
