from collections import Counter
from dataclasses import replace

from sim.fleet.field.badge import FieldBadge
from sim.fleet.output.part_files import OwnFiles, SharedFiles
from sim.fleet.output.parts import BadgeResult, Part, saved_results
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
