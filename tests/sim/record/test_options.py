from __future__ import annotations

from datetime import UTC, date, datetime, time

import click
import pytest
from click.testing import CliRunner

from sim.record.options import track_options


@click.command()
@track_options
def told(**options: object) -> None:
    told.options = options


def test_every_option_reaches_the_command():
    words = "--outing 2 --from 10:30 --until 2024-05-01T11:00:00Z --through-gaps --date 2024-05-01"
    assert CliRunner().invoke(told, words.split()).exit_code == 0
    assert told.options == {
        "outing": 2,
        "begin": time(10, 30),
        "end": datetime(2024, 5, 1, 11, tzinfo=UTC),
        "through_gaps": True,
        "day": date(2024, 5, 1),
    }


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--from noon", "'noon' is no moment; write 10:30 or 2026-03-14T10:30:00Z"),
        ("--date 1.5.24", "'1.5.24' is no day; write it as 2026-03-14"),
        ("--outing 0", "0 is not in the range"),
    ],
)
def test_a_mistake_is_one_sentence(words, sentence):
    said = CliRunner().invoke(told, words.split())
    assert said.exit_code == 2
    assert sentence in said.output
