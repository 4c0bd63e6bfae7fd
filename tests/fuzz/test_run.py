"""The fuzzer sees every way to fail, and makes each input again."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from tests.fuzz.broken import READERS
from tests.fuzz.run import fuzz, main, repeated

BROKEN = "tests.fuzz.broken"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("raises", "KeyError: 'a place that is not there'"),
        ("eats", "more than 500 MB"),
        ("ends", "the process ended with 9"),
        ("prints", r"printed '\x1b[2J\n'"),
        ("wrong seed", "InputError: nothing is right for it"),
    ],
)
def test_whoever_fails_is_found(name, words):
    found = fuzz([name, "sound"], 30, 1, table=BROKEN)
    assert {finding.what for finding in found.findings} == {words}
    assert found.read["sound"] == 30


@pytest.mark.slow  # ten seconds of the processor, each
def test_whoever_hangs_is_found():
    found = fuzz(["hangs"], 12, 2, table=BROKEN)
    assert {finding.what for finding in found.findings} == {"HangError: more than 10 s"}
    assert found.read["hangs"] + len(found.findings) == 12


def test_an_input_follows_from_seed_name_and_number():
    assert repeated("gpx", 1, 7) == repeated("gpx", 1, 7) != repeated("gpx", 2, 7)
    assert READERS.keys() & {"gpx"} == set()


def test_the_command_tells_what_came_of_each_reader():
    done = CliRunner().invoke(main, ["keys", "--inputs", "50"])
    assert done.exit_code == 0
    assert "keys " in done.stdout
    assert "1 readers, 0 findings" in done.stdout


def test_an_unknown_reader_is_refused_with_the_names():
    done = CliRunner().invoke(main, ["gpz"])
    assert (done.exit_code, "gpz is unknown; there are events," in done.stderr) == (2, True)
