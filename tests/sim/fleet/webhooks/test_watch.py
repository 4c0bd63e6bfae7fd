"""A process watches its badges only if somebody wants to know."""

import sys

import pytest

from badge.effects import Upload
from sim.fleet.field.badge import FieldBadge
from sim.fleet.upload.backend import ModelBackend
from sim.fleet.webhooks.cause_files import read_whole
from sim.fleet.webhooks.watch import Unwatched, Watch, WatchedBackend, watch_of
from sim.scenario.plan.roster import Roster
from sim.world.radio import Radio
from tests.sim.fleet.story import parameters, source
from tests.sim.scenario.story import SMALL

PERIDIO = SMALL + "platforms: {peridio: {}}\n"


def roster_of(text):
    story = source(text)
    return Roster(story, parameters(story))


def test_without_platforms_nothing_is_watched_loaded_or_written(tmp_path):
    watch = watch_of(roster_of(SMALL), tmp_path)
    backend = ModelBackend(None)
    assert type(watch) is Unwatched
    assert watch.watched(backend) is backend
    watch.begin_live(0)
    watch.tell(5)
    watch.finish(0, 1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("live", [False, True])
def test_what_a_badge_causes_is_in_a_file_when_it_is_done(tmp_path, live):
    roster = roster_of(PERIDIO)
    watch = watch_of(roster, tmp_path)
    assert isinstance(watch, Watch)
    watched = watch.watched(ModelBackend(None))
    badge = FieldBadge(roster, 1, Radio(3), watched)
    watch.follow(1, badge, watched)
    if live:
        watch.begin_live(1)
    badge.run_until(roster.parameters.end_ms)
    watch.tell(1_000_000)
    watch.finish(1)
    name = "live-000001.causes" if live else "000001.causes"
    assert [path.name for path in tmp_path.iterdir()] == [name]
    causes = [one for one in read_whole(tmp_path / name) if one.kind != "mark"]
    assert {"boot", "upload", "arrived", "left"} <= {one.kind for one in causes}
    assert {one.index for one in causes} == {1}


def test_a_watched_backend_tells_before_they_post_and_change_nothing():
    order = []

    class BadgeCauses:
        def uploaded(self, upload):
            order.append(("told", upload.request))

    class Backend(ModelBackend):
        def post(self, device_id, upload):
            order.append(("posted", upload.request))
            return super().post(device_id, upload)

    watched = WatchedBackend(Backend(None))
    upload = Upload(7, b"[]", 0, 1, 1)
    assert watched.post("ACT-1", upload).answer.status == 202
    watched.causes = BadgeCauses()
    watched.post("ACT-1", upload)
    assert order == [("posted", 7), ("told", 7), ("posted", 7)]


def test_a_run_without_platforms_needs_none_of_their_libraries(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "h3", None)  # as if it were not installed
    for name in [one for one in sys.modules if one.startswith("sim.run.")]:
        monkeypatch.delitem(sys.modules, name)
    from click.testing import CliRunner

    from sim.fleet.cli import simulate

    (tmp_path / "small.yaml").write_text(SMALL)
    words = [str(tmp_path / "small.yaml"), "--hours", "0.05", "--out", str(tmp_path / "run")]
    assert CliRunner().invoke(simulate, words).exit_code == 0
