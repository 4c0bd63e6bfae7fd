"""The log: JSON lines, the same for every command, and no key in any of them."""

from __future__ import annotations

import json
import logging

import pytest

from badge.host.log import LOG, without_secret_options, without_secrets
from tests.command import call, sentence


def lines(path):
    """The command's own lines: what a thread of an earlier test still logs is not meant."""
    found = [json.loads(line) for line in path.read_text().splitlines()]
    return [one for one in found if one["from"] in ("badge.command", "sim")]


def test_a_command_logs_how_it_began_what_it_said_and_how_it_ended(tmp_path):
    file = tmp_path / "log.ndjson"
    said = call("record", "--track", "nowhere.gpx", "--api-key", "ak_1", "--log-file", file)
    assert said.code == 2
    began, ended = lines(file)
    assert began["text"] == "began"
    assert "--api-key" in began["command"]
    assert "ak_1" not in file.read_text()
    assert (ended["exit_code"], ended["level"]) == (2, "error")
    assert "nowhere.gpx" in ended["text"]
    call("version", "--log-file", file)
    assert [line["text"] for line in lines(file)][2:] == ["began", "ended"]


def test_a_level_without_a_file_logs_to_stderr():
    said = call("version", "--log-level", "info")
    assert [json.loads(line)["text"] for line in said.err.splitlines()] == ["began", "ended"]
    assert call("version", "--log-level", "error").err == ""


def test_the_environment_logs_as_the_option_does(tmp_path, monkeypatch):
    monkeypatch.setenv("BADGE_LOG_FILE", str(tmp_path / "a.ndjson"))
    call("version")
    assert len(lines(tmp_path / "a.ndjson")) == 2


def test_a_file_that_cannot_be_written_is_one_sentence(tmp_path):
    words = sentence(call("version", "--log-file", tmp_path / "no" / "log"))
    assert "name another file with --log-file" in words


def test_nothing_is_left_behind(tmp_path):
    before = logging.getLogger().handlers[:], logging.getLogger().level
    call("version", "--log-file", tmp_path / "a", "--log-level", "debug")
    assert (logging.getLogger().handlers, logging.getLogger().level) == (
        before[0],
        logging.WARNING,
    )
    with LOG.also_in(tmp_path / "run.ndjson"):
        logging.getLogger("sim").info("here", extra={"badges": 3})
    logging.getLogger("sim").info("not here")
    assert [(one["text"], one.get("badges")) for one in lines(tmp_path / "run.ndjson")] == [
        ("began", None),
        ("here", 3),
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--api-key", "k", "--to", "http://u:p@h/"], ["--api-key", "…", "--to", "http://…@h/"]),
        (["--secret=peridio=00"], ["--secret=…"]),
        (["--device", "ACT-1:ak_2", "x"], ["--device", "…", "x"]),
    ],
)
def test_a_command_is_told_without_its_secrets(words, told):
    assert without_secret_options(words) == told


def test_keys_are_cut_wherever_they_stand():
    assert without_secrets("ak_3F8A21B4_0f prov_ab admin_x") == "ak_… prov_… admin_…"


def test_a_full_disk_costs_the_log_and_nothing_else():
    said = call("version", "--log-file", "/dev/full")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("badge, version")


def test_a_log_goes_on_in_its_folder_when_that_gets_another_name(tmp_path):
    folder, to = tmp_path / "running", tmp_path / "run"
    folder.mkdir()
    with LOG.also_in(folder / "log.ndjson"):
        with LOG.moving(folder, to):
            folder.rename(to)
        logging.getLogger("sim").info("after")
    assert [one["text"] for one in lines(to / "log.ndjson")] == ["began", "after"]
    assert not folder.exists()
