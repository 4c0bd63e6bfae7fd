"""A call as a process: what it is told of the environment, and its bounds."""

from __future__ import annotations

import os

import anyio
import pytest

from badge.cli.mcp import calls
from badge.cli.mcp.calls import KEYS, Calls, environment
from badge.cli.mcp.rule import rule_of
from badge.errors import InputError


def test_a_command_is_told_keys_and_nothing_else_of_ours():
    given = {"PATH": "/bin", "BADGE_LOG_FILE": "/etc/x", "BADGE_SETTINGS": "/etc/x.toml"}
    given |= {"BADGE_TO": "http://192.0.2.1", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://192.0.2.1"}
    kept = environment(given | dict.fromkeys(KEYS, "secret"))
    assert kept["BADGE_SETTINGS"] == ""
    assert {name for name in kept if name.startswith(("BADGE", "OTEL"))} == {
        *KEYS,
        "BADGE_SETTINGS",
    }
    assert kept["PATH"] == "/bin"


@pytest.fixture
def here(tmp_path):
    return rule_of(tmp_path, ())


def in_loop(act, *arguments):
    """Run it; the first error of a group is told, as the server does."""
    try:
        return anyio.run(act, *arguments)
    except BaseExceptionGroup as error:
        raise error.exceptions[0] from None


def test_a_call_runs_in_the_folder_and_ends_with_code_output_and_words(here, tmp_path):
    (tmp_path / "yaml.py").write_text("open('taken', 'w')")  # no library of anybody's

    async def run():
        return await Calls(here, 60).run(["scenario", "check", "--json", "--", "nothing.yaml"])

    ended = in_loop(run)
    assert (ended.code, ended.out) == (2, b"")
    assert "nothing.yaml: neither a file nor a shipped scenario" in ended.said
    assert not (tmp_path / "taken").exists()


@pytest.mark.slow
def test_a_call_that_takes_too_long_is_ended_with_all_it_started(here, tmp_path):
    os.mkfifo(tmp_path / "endless")

    async def run():
        await Calls(here, 0.5).run(["validate", "--json", "--", "endless"])

    with pytest.raises(InputError, match=r"not done after 0\.5 s"):
        in_loop(run)


@pytest.mark.slow
def test_a_result_that_is_too_large_is_refused(here, monkeypatch):
    monkeypatch.setattr(calls, "OUTPUT_BYTES_MAX", 10)

    async def run():
        await Calls(here, 60).run(["version", "--json"])

    with pytest.raises(InputError, match="ask for less"):
        in_loop(run)


def test_more_calls_than_may_wait_are_refused_at_once(here, monkeypatch):
    monkeypatch.setattr(calls, "WAITING_MAX", 0)

    async def run():
        await Calls(here, 60).run(["version"])

    with pytest.raises(InputError, match="ask again later"):
        in_loop(run)
