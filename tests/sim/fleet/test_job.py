from dataclasses import replace

import pytest

from sim.fleet.job import Job
from tests.sim.fleet.story import parameters, source
from tests.sim.scenario.story import SMALL


def job(tmp_path, text=SMALL, **changes):
    story = source(text)
    return Job(story, replace(parameters(story), **changes), tmp_path)


def test_equal_runs_have_one_name_however_they_are_run(tmp_path):
    one = job(tmp_path)
    assert one.run_id == replace(job(tmp_path / "other"), speed=60.0, batches=True).run_id
    assert one.run_id.startswith("small-3-")


@pytest.mark.parametrize(
    "changes", [{"seed": 4}, {"badges": 3}, {"hours": 1.0}, {"start": "2026-03-17T06:50:00Z"}]
)
def test_another_run_has_another_name(tmp_path, changes):
    assert job(tmp_path).run_id != job(tmp_path, **changes).run_id


def test_a_name_is_one_of_a_file(tmp_path):
    odd = job(tmp_path, SMALL.replace("scenario: Small", 'scenario: "Ä/../b c"'))
    assert odd.run_id.startswith("b-c-3-")
