"""`badge edit` as a user sees it."""

import json

import pytest

from badge.entry import timestamp
from tests.badge.cli.test_replay import record
from tests.command import call, sentence


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    record(tmp_path / "r.ndjson")
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--shift", "+7d"),
        ("--shift", "now"),
        ("--thin", "3"),
        ("--anonymise",),
        ("--anonymise", "--move-to", "45.8,15.98", "--shift", "-90m"),
        ("r.ndjson",),
    ],
)
@pytest.mark.parametrize("out", ["out.ndjson", "out.cbor"])
def test_the_result_replays_equal(here, words, out):
    said = call("edit", "r.ndjson", *words, "--out", out, "--json")
    assert said.code == 0, said.err
    assert json.loads(said.out)["events"] > 0
    assert call("replay", out).code == 0


def test_without_a_change_the_bytes_stay(here):
    assert call("edit", "r.ndjson", "--out", "out.ndjson").code == 0
    assert (here / "out.ndjson").read_bytes() == (here / "r.ndjson").read_bytes()


@pytest.mark.parametrize(
    "words",
    [
        ("gone.ndjson", "--out", "o"),
        ("r.ndjson", "--out", "r.ndjson"),
        ("r.ndjson", "--out", "o", "--shift", "soon"),
        ("r.ndjson", "--out", "o", "--from", "noon"),
        ("r.ndjson", "--out", "o", "--from", "2031-01-01"),
        ("r.ndjson", "--out", "o", "--from", "09:00", "--until", "08:00"),
        ("r.ndjson", "--out", "o", "--move-to", "1,1"),
        ("r.ndjson", "--out", "o", "--anonymise", "--move-to", "99,1"),
        ("empty", "--out", "o"),
    ],
)
def test_a_mistake_is_told_and_leaves_nothing(here, words):
    (here / "empty").write_text("")
    said = call("edit", *words)
    assert said.code == 2
    assert "Traceback" not in said.err
    assert not (here / "o").exists()
    if "gone.ndjson" not in words and "1,1" not in words:
        assert sentence(said)


def test_a_part_that_is_not_there_says_from_when_to_when_the_recording_goes(here):
    said = call("edit", "r.ndjson", "--out", "o", "--from", "2031-01-01")
    lines = [json.loads(line) for line in (here / "r.ndjson").read_text().splitlines()]
    utc = next(line for line in lines if line.get("in", {}).get("type") == "utc")
    start_ms = utc["in"]["unix_ms"] - utc["ms"]
    end_ms = [line["ms"] for line in lines if "in" in line][-1]
    first, last = timestamp(start_ms // 1000), timestamp((start_ms + end_ms) // 1000)
    assert f"nothing happens in this part of it; it goes from {first} to {last}" in said.err


def test_a_part_that_ends_before_it_begins_is_told_as_that(here):
    said = call("edit", "r.ndjson", "--out", "o", "--from", "09:00", "--until", "08:00")
    assert sentence(said).endswith("--from 09:00 is later than --until 08:00")
