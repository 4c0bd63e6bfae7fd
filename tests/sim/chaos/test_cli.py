"""`badge chaos` and `badge shrink` as a user meets them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from badge.cli.replay import replay
from badge.inputs import UploadAnswer
from badge.machines.core import NEVER, Due
from badge.machines.upload import Uploads
from badge.storage.journal import FlashJournal
from sim.chaos.cli import chaos, shrink
from sim.chaos.plan.plan import draw_plan, read_plan


def run(command: Any, *args: object) -> Result:
    return CliRunner().invoke(command, [str(arg) for arg in args])


@pytest.fixture
def late_answers_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug for the campaign to find."""

    def answer(self: Uploads, answer: UploadAnswer) -> None:
        if self._batch:
            self._core.due[Due.ANSWER] = NEVER
            self._apply(answer)

    monkeypatch.setattr(Uploads, "answer", answer)


def test_one_seed_prints_its_plan_first_then_what_was_proven() -> None:
    result = run(chaos, "--seed", 18)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("seed 18: 1 badge under every fault for ")
    assert result.stdout.index("off:") < result.stdout.index("broken promises")
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_json_has_the_plan_and_everything_that_was_proven() -> None:
    document = json.loads(run(chaos, "--seed", 18, "--json").stdout)
    assert document["plan"] == draw_plan(18).document()
    assert document["failures"] == {}
    assert document["runs"] == 1


def test_a_plan_from_a_file_is_run_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps({**draw_plan(18).document(), "minutes": 30}), "utf-8")
    document = json.loads(run(chaos, "--plan", path, "--json").stdout)
    assert document["plan"]["minutes"] == 30


def test_a_campaign_that_met_too_little_is_red_and_names_it() -> None:
    result = run(chaos, "--seeds", 1, "--from", 18, "--processes", 1, "--once")
    assert result.exit_code == 1
    assert "never struck: firmware_update" in result.stderr
    assert "never used: upload: held" in result.stderr


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--seed", 1, "--seeds", 2), "exclude each other"),
        (("--hours", 1, "--seed", 2), "exclude each other"),
    ],
)
def test_options_that_exclude_each_other_are_refused(options: tuple[Any, ...], says: str) -> None:
    result = run(chaos, *options)
    assert result.exit_code != 0
    assert says in str(result.exception)


@pytest.mark.usefixtures("late_answers_count")
def test_a_failure_prints_seed_promise_and_lines_and_is_remembered(tmp_path: Path) -> None:
    path = tmp_path / "failures.txt"
    options = ("--seeds", 2, "--processes", 1, "--once", "--failures", path, "--out", tmp_path)
    result = run(chaos, *options)
    assert result.exit_code == 1
    assert "seed 1: BROKEN after" in result.stdout
    assert re.search(r"^(stored|patience) \([^)]*\):\s+ACT-3F8A0000:", result.stdout, re.MULTILINE)
    assert "the last 20 lines:" in result.stdout
    assert "badge shrink --seed 1" in result.stdout
    assert re.match(r"1  # (stored|patience)\n", path.read_text("utf-8"))
    assert (tmp_path / "chaos-1.ndjson").exists()


@pytest.mark.usefixtures("late_answers_count")
def test_a_failing_seed_fails_again_exactly_and_its_recording_replays(tmp_path: Path) -> None:
    first = run(chaos, "--seed", 1, "--out", tmp_path)
    again = run(chaos, "--seed", 1, "--out", tmp_path)
    assert first.exit_code == again.exit_code == 1
    story = first.stdout[first.stdout.index("BROKEN") :]
    assert story == again.stdout[again.stdout.index("BROKEN") :]
    replayed = run(replay, tmp_path / "chaos-1.ndjson")
    assert replayed.exit_code == 0, replayed.output


def test_a_recording_from_the_middle_of_a_life_replays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recover, settle = FlashJournal.recover, FlashJournal.settle
    later_boots: list[FlashJournal] = []

    def watch(self: FlashJournal) -> Any:
        found = recover(self)
        if self.queue.next_sequence > 1:
            later_boots.append(self)
        return found

    def fail_late(self: FlashJournal, through: int, rejected: Any) -> Any:
        if self in later_boots:
            raise ZeroDivisionError
        return settle(self, through, rejected)

    monkeypatch.setattr(FlashJournal, "recover", watch)
    monkeypatch.setattr(FlashJournal, "settle", fail_late)
    result = run(chaos, "--seed", 1, "--out", tmp_path)
    assert result.exit_code == 1
    assert "crash: ZeroDivisionError" in result.stdout
    header, first, *_ = (tmp_path / "chaos-1.ndjson").read_text("utf-8").splitlines()
    assert json.loads(header)["store"]["next_sequence"] > 1
    assert json.loads(first)["in"]["type"] == "boot"
    replayed = run(replay, tmp_path / "chaos-1.ndjson")
    assert replayed.exit_code == 0, replayed.output


@pytest.mark.usefixtures("late_answers_count")
def test_shrinking_finds_a_smaller_plan_that_breaks_the_same_promise(tmp_path: Path) -> None:
    path = tmp_path / "small.json"
    result = run(shrink, "--seed", 1, "--out", path)
    assert result.exit_code == 1, result.output
    small, plan = read_plan(json.loads(path.read_text("utf-8")), "small"), draw_plan(1)
    assert small.minutes < plan.minutes
    assert sum(map(bool, small.faults.values())) < sum(map(bool, plan.faults.values()))
    failed = run(chaos, "--plan", path, "--out", tmp_path)
    assert failed.exit_code == 1
    assert re.search(r"^(stored|patience) \(", failed.stdout, re.MULTILINE)


def test_there_is_nothing_to_shrink_in_a_plan_that_holds(tmp_path: Path) -> None:
    result = run(shrink, "--seed", 18)
    assert result.exit_code == 0
    assert "nothing to shrink" in result.stdout


def test_shrink_wants_exactly_one_plan() -> None:
    assert "either --seed N or --plan FILE" in str(run(shrink).exception)


def test_ctrl_c_prints_what_was_proven_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.chaos import run as chaos_run

    prove = chaos_run.prove

    def interrupted(plan: Any, *, twice: bool, core: Any) -> Any:
        if plan.seed == 20:
            raise KeyboardInterrupt
        return prove(plan, twice=twice, core=core)

    monkeypatch.setattr(chaos_run, "prove", interrupted)
    result = run(chaos, "--seeds", 50, "--from", 18, "--processes", 1, "--once")
    assert result.exit_code == 130
    assert re.search(r"^seeds +2 *$", result.stdout, re.MULTILINE)
    assert "interrupted" in result.stderr
