from __future__ import annotations

from click.testing import CliRunner

from sim.calibration import __main__ as command
from sim.calibration import table


def test_the_table_is_printed_and_a_short_fall_is_exit_code_one(monkeypatch):
    findings = table.find(2)[:2]
    monkeypatch.setattr(table, "find", lambda *asked: findings)
    done = CliRunner().invoke(command.main, ["--fast", "--markdown"])
    assert done.exit_code == (0 if all(one.holds for one in findings) else 1)
    assert done.output.startswith("|  | statistic | source | real |")
    assert "of 2 hold" in done.output


def test_a_folder_without_extracts_is_told(tmp_path):
    done = CliRunner().invoke(command.main, ["--fast", "--recordings", str(tmp_path)])
    assert done.exit_code == 2
