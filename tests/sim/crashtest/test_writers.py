"""The table of commands that write."""

from __future__ import annotations

import pytest

from sim.crashtest.writers import writers

TABLE = writers("walk.gpx", "tags.csv")


def test_each_has_its_name_and_something_to_look_at():
    assert len({writer.name for writer in TABLE}) == len(TABLE)
    assert all(writer.outputs for writer in TABLE if writer.name != "powercut")


@pytest.mark.parametrize(
    ("left", "words"),
    [
        ([], ("simulate", "crew-of-five")),
        (["run.interrupted"], ("simulate", "--resume", "run.interrupted")),
        ([".run.4711"], ("simulate", "--resume", ".run.4711")),
    ],
)
def test_a_simulation_goes_on_with_what_it_left(tmp_path, left, words):
    for name in left:
        (tmp_path / name).mkdir()
    (simulate,) = (writer for writer in TABLE if writer.name == "simulate")
    assert simulate.again(tmp_path)[: len(words)] == words
