"""The real gates' own code on the virtual card and the virtual air, with a faster clock."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from xml.etree import ElementTree

import click
import pytest
from click.testing import CliRunner

from badge.errors import InputError
from hil.app.options import RunOptions
from hil.gates import law as gate_law
from hil.gates import real as gates_real
from hil.gates.cli import gate
from hil.gates.figures import exactly
from hil.gates.real import check, gates
from hil.gates.trial import GateOptions, Measurement
from sim.air.launch import launch_air
from sim.notecard.notehub.hub import Hub
from sim.notecard.notehub.routes import Proxy
from tests.hil.story import CONFIG, HERE, TAG

pytestmark = [pytest.mark.usefixtures("hurried"), pytest.mark.slow]


@pytest.fixture
def rig(bench, ingest, tmp_path, warped):
    """`rig(badges, warp, **asked)` is gates on so many badges, each with a card."""

    def make(badges=1, warp=8.0, **asked):
        proxy = Proxy(ingest.url + "/api/events")
        runs = []
        for number in range(badges):
            card = bench("serial", warp, hub=Hub([], {"ingest": proxy}))
            config = CONFIG.model_copy(update={"device_id": f"ACT-3F8A21B{number}"})
            flash = tmp_path / f"badge{number}.flash"
            runs.append(RunOptions(card.spec, "none", config, flash, product="com.example:badge"))
        return gates(GateOptions(clock=warped(warp), **asked), runs)

    return make


def run(stage, key):
    told = []
    measured = stage[key](lambda share, words: told.append((share, words)))
    assert told, "there is progress"
    assert all(0 <= share <= 1 for share, _ in told)
    return measured, {figure.name: figure for figure in measured.figures}


def test_gate_1_counts_every_badge_and_says_that_it_was_short(rig, ingest):
    measured, figures = run(rig(2, hours=25 / 3600), "1")
    assert not figures["hours"].met
    assert figures["badges online at the end"].value == "2"
    met = [name for name, figure in figures.items() if figure.met]
    assert met == [
        "reboots after the first",
        "position events off their number, worst badge",
        "events lost",
        "repeated numbers",
    ]
    for one in measured.samples:
        assert one["positions"] > 15
        assert one["logged"] == len(ingest.store.events(one["badge"]))


def test_gate_2_is_met_where_the_card_is_and_missed_elsewhere(rig):
    measured, figures = run(rig(at=HERE), "2")
    assert all(figure.met for figure in figures.values())
    assert len(measured.samples) == 30
    assert gate_law.positions([{**one, "off_m": 15.1} for one in measured.samples])[1].met is False


def test_a_receiver_without_a_fix_ends_gate_2_some_day(rig, monkeypatch, bench):
    monkeypatch.setattr(gates_real, "POLLS_MAX", 3)
    monkeypatch.setattr("hil.card.sensors.CardSensors.fix", _no_fix)
    measured, figures = run(rig(at=HERE), "2")
    assert figures["samples"].value == "0"
    assert "3 polls had no fix" in measured.notes[0]


async def _no_fix(self, timeout_s):
    await self.clock.sleep(timeout_s)


@contextmanager
def tags_around(monkeypatch):
    """A tag in the virtual air, as strong as `strength` says."""
    strength, ended = {"dbm": -60}, threading.Event()
    with launch_air() as air:
        for name, value in air.environment.items():
            monkeypatch.setenv(name, value)

        def send():
            while not ended.is_set():
                air.advertise(TAG, strength["dbm"], manufacturer_data={1: b"x"})
                time.sleep(0.004)  # the tag's interval

        sending = threading.Thread(target=send)
        sending.start()
        try:
            yield strength
        finally:
            ended.set()
            sending.join()


def test_gate_3_counts_cycles_of_the_radio(monkeypatch, tmp_path, warped):
    with tags_around(monkeypatch) as strength:
        asked = []

        def place(words):
            asked.append(words)
            strength["dbm"] = {"5 m": -63, "10 m": -84}[words.removeprefix(f"place {TAG} ")]

        options = RunOptions("serial:/none", "bleak", CONFIG, tmp_path / "f")
        measured, figures = run(gates(GateOptions(hands=place, clock=warped(50)), [options]), "3")
    assert asked == [f"place {TAG} 5 m", f"place {TAG} 10 m"]
    assert all(figure.met for figure in figures.values()), figures
    assert measured.shares[5] > 0.9
    assert measured.shares[10] == 0
    strongest = {one["strongest_dbm"] for one in measured.samples if one["metres"] == 10}
    assert strongest <= {-84, "none"}
    assert -84 in strongest


def test_gate_4_counts_every_attempt(rig):
    measured, figures = run(rig(hours=30 / 3600), "4")
    assert [name for name, figure in figures.items() if not figure.met] == ["hours"]
    assert len(measured.samples) >= 4
    assert {one["status"] for one in measured.samples} == {202}


def test_gate_5_cuts_the_power_with_fifty_in_the_flash(rig, ingest):
    measured, figures = run(rig(), "5")
    assert all(figure.met for figure in figures.values()), figures
    assert measured.samples[0]["queued"] >= 50
    numbers = [event["sequence_number"] for event in ingest.store.events()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert "reboot" in {event["event_type"] for event in ingest.store.events()}


def test_a_flash_that_forgets_misses_gate_5(rig, tmp_path, monkeypatch):
    kept = gates_real._back

    def forgetful(asked, options, mode):
        assert mode == "continuous"
        options.flash.unlink()
        return kept(asked, options, mode)

    monkeypatch.setattr(gates_real, "_back", forgetful)
    measured, figures = run(rig(), "5")
    assert not figures["queued events that did not arrive"].met, measured.samples


def test_the_outage_takes_the_card_off_the_network(rig, ingest):
    measured, figures = run(rig(hours=40 / 3600), "outage")
    unmet = [name for name, figure in figures.items() if not figure.met]
    assert unmet == ["hours without network"]
    assert "none" in {one["status"] for one in measured.samples}
    assert ingest.store.conflicts() == []


def test_what_is_missing_is_named_before_anything_begins(tmp_path):
    options = RunOptions("serial:/none", "none", CONFIG, tmp_path / "f")
    check(GateOptions(), [options], ["1", "4", "5", "outage"])
    for key, words in {"2": "--at", "3": "--scanner"}.items():
        with pytest.raises(InputError, match=words):
            check(GateOptions(), [options], ["1", key])
    bare = CONFIG.model_copy(update={"known_equipment_tags": []})
    options = RunOptions("serial:/none", "bleak", bare, tmp_path / "f")
    with pytest.raises(InputError, match="--tag"):
        check(GateOptions(), [options], ["3"])
    check(GateOptions(tag=TAG), [options], ["3"])


def test_a_card_without_network_is_an_answer_too(rig, monkeypatch):
    monkeypatch.setattr(gates_real, "CONNECT_S", 1.0)
    monkeypatch.setattr("hil.card.sensors.CardSensors._read_link", _offline)
    with pytest.raises(InputError, match="no network within"):
        rig(at=HERE)["2"](lambda share, words: None)


async def _offline(self, give):
    return 1.0


def test_the_command_signs_it_off(bench, ingest, tmp_path, monkeypatch, warped):
    monkeypatch.setattr("hil.clock.SystemClock", lambda: warped(8))
    hub = Hub([], {"ingest": Proxy(ingest.url + "/api/events")})
    config = tmp_path / "device_config.json"
    config.write_text(json.dumps(CONFIG.public()))
    words = [
        "2", "--on", "real", "--notecard", bench("serial", 8.0, hub=hub).spec,
        "--config", str(config), "--flash", str(tmp_path / "f"), "--product", "a:b",
        "--at", "42.5776,-70.8713", "--report", str(tmp_path / "r.md"),
        "--junit", str(tmp_path / "r.xml"),
    ]  # fmt: skip
    result = CliRunner().invoke(gate, words)
    assert result.exit_code == 0, (result.output, result.exception)
    report = (tmp_path / "r.md").read_text()
    assert report.startswith("# Exit gates, real (serial:")
    assert "Begun 20" in report
    assert report.count("| 42.577") == 30
    assert "Signed off by: ___" in report
    assert ElementTree.parse(tmp_path / "r.xml").getroot().get("failures") == "0"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ([], "needs a card"),
        (["--notecard", "serial:/a", "--notecard", "serial:/b"], "one for each badge"),
        (
            ["--notecard", "serial:/a", "--notecard", "serial:/b", "--flash", "1", "--flash", "2"],
            "one for each",
        ),
        (["--notecard", "serial:/a", "--at", "here"], "LAT,LON"),
        (["--notecard", "serial:/a", "--at", "91,0"], "not on the earth"),
        (["--notecard", "serial:/a", "--metres", "5;10"], "write metres like"),
        (["--notecard", "serial:/a", "--metres", "0"], "are possible"),
        (["--notecard", "serial:/a", "--tag", "mower"], "no MAC"),
    ],
)
def test_wrong_words_are_refused(words, text):
    result = CliRunner().invoke(gate, ["2", "--on", "real", *words])
    assert isinstance(result.exception, InputError), result.output
    assert text in str(result.exception)


def test_a_badge_that_ends_ends_the_gate(rig, monkeypatch):
    async def dies(self, boot=None):
        raise InputError("the flash file cannot be written")

    monkeypatch.setattr("hil.app.pump.AsyncPump.run", dies)
    with pytest.raises(InputError, match="flash file"):
        rig(at=HERE)["2"](lambda share, words: None)


def test_what_was_measured_is_reported_though_the_next_gate_fails(tmp_path, monkeypatch):
    async def measured(asked, tell):
        return Measurement((exactly("n", 1, 1),), [{"n": 1}])

    async def interrupted(asked, tell):
        raise KeyboardInterrupt

    monkeypatch.setitem(gates_real._GATES, "1", measured)
    monkeypatch.setitem(gates_real._GATES, "4", interrupted)
    words = ["1", "4", "--on", "real", "--notecard", "serial:/none"]
    files = ["--report", str(tmp_path / "r.md"), "--junit", str(tmp_path / "r.xml")]
    result = CliRunner().invoke(gate, [*words, *files], standalone_mode=False)
    assert isinstance(result.exception, KeyboardInterrupt | click.Abort)
    assert "| 1 | met | n | 1 | 1 |" in (tmp_path / "r.md").read_text()
    root = ElementTree.parse(tmp_path / "r.xml").getroot()
    assert '{"n": 1}' in [one.text for one in root.iter("system-out")]
