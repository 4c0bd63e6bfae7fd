from collections import Counter
from dataclasses import replace

from sim.fleet.field.badge import FieldBadge
from sim.fleet.output.part_files import OwnFiles, SharedFiles
from sim.fleet.output.parts import BadgeResult, Part, alike, saved_results
from sim.fleet.upload.backend import ModelBackend
from sim.scenario.plan.roster import Roster
from sim.world.radio import Radio
from tests.sim.fleet.story import parameters, source


def test_a_result_is_read_as_it_was_saved(tmp_path):
    tables = {"shifts": [{"worker_id": "Ana"}]}
    one = BadgeResult(3, "ACT-00000003", Counter(gps=2), Counter(queued=1), Counter(), tables)
    files = SharedFiles(tmp_path, 3, watched=False)
    files.begin(3)
    files.append(".truth", [b"{}\n"])
    one = replace(one, place=files.place)
    one.save(files)
    files.close()
    assert saved_results(tmp_path) == {3: one}
    assert saved_results(tmp_path)[3].region(tmp_path, ".truth").size == 3
    assert one.region(tmp_path, ".events") is None


def test_what_is_flushed_on_the_way_is_what_is_written_at_the_end(tmp_path):
    def parts(name, every_ms, held=1000):
        story = source()
        roster = Roster(story, parameters(story))
        badge = FieldBadge(roster, 0, Radio(3), ModelBackend(None))
        folder, seen = tmp_path / name, []
        folder.mkdir()
        part = Part(roster.site_plan, OwnFiles(folder, 0), 0, badge)
        part.rows_held = held
        badge.uplink.sent = part.keep_batch
        for ms in range(every_ms, roster.parameters.end_ms + 1, every_ms):
            badge.run_until(ms)
            part.flush()
            seen.append(part.count)
        result = part.finish(roster.parameters.end_ms)
        if held == 1:  # a run in its own time is looked at as it goes
            assert len(set(seen)) > 2
        return result, {path.name: path.read_bytes() for path in sorted(folder.iterdir())}

    often, once = parts("often", 60_000), parts("once", 5_400_000)
    assert often == once == parts("at once", 60_000, held=1)
    assert list(once[1]) == ["000000.batches", "000000.events", "000000.truth"]
    assert once[0].events.total() == len(once[1]["000000.truth"].splitlines())


def test_results_that_are_alike_share_what_they_hold():
    def idle(index, **changes):
        tables = {"shifts": [], "visits": []}
        one = BadgeResult(
            index, f"ACT-{index}", Counter(reboot=1), Counter(queued=1), tables=tables
        )
        return replace(one, **changes)

    shift = {"shifts": [{"worker_id": "Ana"}], "visits": []}
    given = [idle(0), idle(1), idle(2, events=Counter(reboot=2)), idle(3, tables=shift)]
    given.append(idle(4, uploads=Counter(rejected=0)))
    found = list(alike(given))
    assert found == given
    assert [list(one.uploads) for one in found] == [[], [], [], [], ["rejected"]]
    for name in ("events", "fates", "tables", "lines"):
        assert getattr(found[0], name) is getattr(found[1], name)
    assert found[0].events is not found[2].events
    assert found[0].tables is not found[3].tables
