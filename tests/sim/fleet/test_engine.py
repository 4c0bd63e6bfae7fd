"""Which engine runs a fleet, and that it says so."""

import json
from pathlib import Path

import pytest

from badge.errors import InputError
from sim.fleet import engine
from sim.fleet.engine import engine_for
from sim.fleet.job import Job
from sim.fleet.upload.backend import Target
from tests.badge.host.twins import needs_core
from tests.sim.fleet.story import call, parameters, source
from tests.sim.scenario.story import SMALL


def job(text=SMALL, **more):
    story = source(text)
    return Job(story, parameters(story), Path(), **more)


@needs_core
def test_a_run_into_a_folder_is_done_by_columns_unless_python_is_asked_for():
    assert engine_for("auto", job()) == ("columnar", None)
    assert engine_for("python", job()) == ("python", None)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"target": Target("http://127.0.0.1:1/api/events")}, "batches go to a server"),
        ({"speed": 60.0}, "the run keeps pace with the clock"),
        ({"record": Path("there")}, "recordings are kept"),
    ],
)
def test_what_it_cannot_do_the_other_one_does_and_it_says_why(more, why):
    assert engine_for("columnar", job(**more)) == ("python", why)


def test_without_the_core_auto_takes_python_and_columnar_is_refused(monkeypatch):
    def missing():
        raise InputError("the C core is not built here")

    monkeypatch.setattr(engine, "core_library", missing)
    assert engine_for("auto", job()) == ("python", "the C core is not built here")
    with pytest.raises(InputError, match="not built"):
        engine_for("columnar", job())


@needs_core
def test_a_badge_that_the_core_cannot_hold_is_run_in_python(tmp_path, monkeypatch):
    monkeypatch.setattr("badge.host.c_pump._EVENT_BYTES", 1)
    monkeypatch.setattr("badge.host.c_pump.Geometry", lambda ring_pages=5: _small())
    text = SMALL + "coverage: {base_dbm: -140}\nbadges: [{count: 2}]\n"
    (tmp_path / "small.yaml").write_text(text)
    said = [
        json.loads(
            call(
                tmp_path / "small.yaml", "--engine", name, "--out", tmp_path / name, "--json"
            ).output
        )
        for name in ("columnar", "python")
    ]
    assert said[0]["engine"] == "columnar"
    assert said[0]["python_badges"] == 2
    assert said[0]["by_type"] == said[1]["by_type"]


def _small():
    from badge.storage.geometry import Geometry

    return Geometry(1536, 1, 5)
