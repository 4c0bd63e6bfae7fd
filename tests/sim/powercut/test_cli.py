from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from badge.errors import InputError
from sim.powercut import depths as powercut_depths
from sim.powercut import run as powercut_run
from sim.powercut.cli import powercut
from tests.badge.host.twins import needs_core


@pytest.fixture
def short(monkeypatch):
    """Let a run take its first two tasks only, here."""

    def few(todo, jobs, done):
        for at, task in enumerate(todo[:2]):
            done(at, powercut_depths.perform(task._replace(last=task.first + 1)))

    monkeypatch.setattr(powercut_run, "run", few)


def call(*words: str, code: int = 0):
    result = CliRunner().invoke(powercut, words)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("depth", ["1", "3"])
@pytest.mark.slow
def test_the_figures_are_printed_with_the_seed(depth):
    out = call("--depth", depth, "--seed", "7", "--points", "500").stdout
    for word in ("seed", "7", "cuts judged", "different images", "CPU time", "broken promises"):
        assert word in out


@pytest.mark.usefixtures("short")
def test_the_figures_as_json():
    figures = json.loads(call("--json").stdout)
    assert figures["depth"] == 1
    assert figures["failures"] == []
    assert figures["points"] > 0


@pytest.mark.usefixtures("short")
@pytest.mark.slow
def test_a_kind_of_damage_alone():
    erases = json.loads(call("--damage", "erase", "--json").stdout)
    assert erases["points"] % 8 == 0
    lost = json.loads(call("--damage", "lost", "--json").stdout)
    assert lost["tasks"] == 1
    assert lost["points"] > 300
    torn = json.loads(call("--damage", "torn", "--damage", "lost", "--json").stdout)
    assert torn["tasks"] > 50


def test_a_point_is_repeated():
    assert "every promise held" in call("--point", "small/1/100:5:weak").stdout


def test_a_broken_promise_exits_1_and_says_how_to_repeat_it(monkeypatch, short):
    monkeypatch.setattr("badge.storage.recovery.SEQUENCE_RESERVE", 9)
    result = call("--seed", "3", code=1)
    assert "J2 broken" in result.stderr
    options = result.stderr.split("repeat it: badge powercut ")[1].split()[:2]
    again = call(*options, code=1)
    assert "J2" in again.stderr


class TestResume:
    def run(self, file, points):
        words = ("--depth", "3", "--points", str(points), "--jobs", "1", "--resume", str(file))
        return json.loads(call(*words, "--json").stdout)

    def test_a_second_run_goes_on_where_the_first_ended(self, tmp_path):
        file = tmp_path / "proof.json"
        assert self.run(file, 500)["points"] == 500
        more = self.run(file, 1000)
        assert (more["points"], more["tasks_done"]) == (1000, 2)
        assert self.run(file, 1000)["points"] == 1000

    def test_another_seed_is_refused(self, tmp_path):
        file = tmp_path / "proof.json"
        self.run(file, 500)
        with pytest.raises(InputError, match="belongs to"):
            call("--depth", "3", "--seed", "2", "--resume", str(file))

    def test_a_foreign_file_is_refused(self, tmp_path):
        file = tmp_path / "proof.json"
        file.write_text("[]")
        with pytest.raises(InputError, match="not a file that --resume wrote"):
            call("--depth", "3", "--resume", str(file))

    def test_only_drawn_cuts_can_be_resumed(self, tmp_path):
        with pytest.raises(InputError, match="only the drawn cuts"):
            call("--resume", str(tmp_path / "x"))


def test_ctrl_c_prints_what_was_proven_so_far(monkeypatch, tmp_path):
    def interrupted(todo, jobs, done):
        done(0, powercut_depths.perform(todo[0]))
        raise KeyboardInterrupt

    monkeypatch.setattr(powercut_run, "run", interrupted)
    file = tmp_path / "proof.json"
    result = call("--depth", "3", "--points", "1000", "--resume", str(file), code=130)
    assert "proven so far" in result.stdout
    assert json.loads(file.read_text())["points"] == 500


def test_what_is_no_point_is_refused():
    with pytest.raises(InputError, match="expected WORKLOAD"):
        call("--point", "nonsense")


@needs_core
def test_the_journal_in_c_has_the_same_options(short):
    found = json.loads(call("--core", "c", "--json", "--jobs", "1").stdout)
    assert found["failures"] == []
    assert found["points"] > 100
    assert "every promise held" in call("--core", "c", "--point", "small/1/20:5:low").output


def test_a_core_that_is_not_there_is_said():
    with pytest.raises(InputError, match=r"nothing\.so: no such library"):
        call("--core", "nothing.so")
