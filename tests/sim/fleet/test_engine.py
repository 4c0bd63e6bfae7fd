"""Which engine runs a fleet, and that it says so."""

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from sqlite3 import connect

import pytest

from badge.errors import InputError
from sim.fleet import engine
from sim.fleet.engine import LIVE_BADGES_MAX, engine_for
from sim.fleet.job import Job
from sim.fleet.upload.backend import Target
from sim.ingest.api.ingest import Rules
from sim.ingest.launch import launch_ingest
from sim.ingest.store.sqlite import SqliteStore
from tests.badge.host.twins import needs_core
from tests.sim.fleet.columnar.judge import differences
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
        ({"record": Path("there")}, "recordings are kept"),
    ],
)
def test_what_it_cannot_do_the_other_one_does_and_it_says_why(more, why):
    assert engine_for("columnar", job(**more)) == ("python", why)


@needs_core
@pytest.mark.parametrize(
    "more", [{"target": Target("http://127.0.0.1:1/api/events")}, {"speed": 60.0}]
)
def test_what_is_live_is_done_by_columns_unless_it_is_a_crowd(more):
    assert engine_for("auto", job(**more)) == ("columnar", None)
    crowd = job(**more)
    crowd = replace(crowd, parameters=replace(crowd.parameters, badges=LIVE_BADGES_MAX + 1))
    assert engine_for("auto", crowd)[0] == "python"
    assert "live at once" in engine_for("auto", crowd)[1]


@needs_core
def test_a_live_badge_that_the_core_cannot_hold_goes_on_in_python(tmp_path, monkeypatch):
    monkeypatch.setattr("badge.host.c_pump._EVENT_BYTES", 1)
    monkeypatch.setattr("badge.host.c_pump.Geometry", lambda ring_pages=5: _small())
    (tmp_path / "small.yaml").write_text(SMALL)
    store = SqliteStore(tmp_path / "ingest.db")
    with launch_ingest(store, rules=Rules(open=True)) as server:
        words = ("--to", server.url, "--api-key", "k", "--out", tmp_path / "run")
        with pytest.raises(InputError, match="go on with --engine python; what was done is kept"):
            call(tmp_path / "small.yaml", *words)
        cut = tmp_path / "run.interrupted"
        ended = call("--resume", cut, "--api-key", "k", "--engine", "python", "--json")
    figures = json.loads(ended.output)
    assert (figures["complete"], figures["undelivered"]["queued"]) == (True, 0)
    with closing(connect(tmp_path / "ingest.db")) as held:
        ((count,),) = held.execute("SELECT count(*) FROM raw_events").fetchall()
    assert count == figures["delivered"]


@needs_core
@pytest.mark.parametrize(
    ("more", "why"),
    [
        (("--record", "rec"), "recordings are kept"),
        (("--core", "c"), "a core is compared, step by step"),
    ],
)
def test_what_python_does_has_the_same_bytes_and_the_figures_say_why(story, more, why):
    words = ("small.yaml", "--hours", "0.4", "--out")
    assert "engine " not in call(*words, "columns").output
    said = call(*words, "python", *more).output
    assert f"engine         the one in Python: {why}" in said.splitlines()
    assert differences(story / "columns", story / "python") == []


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
