"""The same scenario and seed give the same bytes, however many processes do it."""

import tests.sim.fleet.story as run_story
from sim.fleet.job import Job
from sim.fleet.output.parts import BadgeResult
from sim.fleet.parallel import Finished, processes_for, shares_of
from tests.sim.fleet.story import source


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "log.ndjson"
    }


def test_two_processes_and_again_give_the_same_bytes(tmp_path, small):
    assert contents(run_story.run(tmp_path / "two", source(), processes=2).path) == contents(
        small.path
    )


def test_another_seed_is_another_day(tmp_path, small):
    other = run_story.run(tmp_path / "other", source(), seed=4)
    assert other.document["run_id"] != small.document["run_id"]
    assert set(other.document["devices"]).isdisjoint(small.document["devices"])


def test_more_badges_leave_the_first_ones_as_they_were(tmp_path, small):
    more = run_story.run(tmp_path / "more", source(), badges=3)
    workers = [shift["worker_id"] for shift in more.table("shifts")]
    assert workers == ["Ana", "Boris", "Ana-2"]
    count = len(small.rows())
    assert more.rows()[:count] == small.rows()


def test_processes_pay_from_25_badges_on(tmp_path):
    def job(badges):
        return Job(source(), run_story.parameters(source(), badges=badges), tmp_path)

    assert [processes_for(job(n), 2) for n in (1, 24, 49, 50, 500)] == [1, 1, 1, 2, 2]


def test_outcomes_come_back_in_the_order_of_the_badges():
    finished = Finished()
    finished.add([BadgeResult(1, "b")], {"behind_s": 1.0, "answers": 2}, None)
    finished.add([BadgeResult(0, "a")], {"behind_s": 3.0, "answers": 5}, "gone")
    assert [one.index for one in finished.results] == [0, 1]
    assert finished.figures == {"behind_s": 3.0, "answers": 7}
    assert finished.trouble == "gone"


def test_badges_beside_each_other_live_in_one_process_and_all_processes_get_alike(tmp_path):
    def job(badges, speed=None):
        asked = run_story.parameters(source(), badges=badges)
        return Job(source(), asked, tmp_path, speed)

    for badges in (1, 2, 49, 500, 5000):
        shares = shares_of(job(badges), 2)
        assert sorted(index for share in shares for index in share) == list(range(badges))
        assert abs(len(shares[0]) - len(shares[1])) <= max(badges // 16, 1)
    assert shares_of(job(500), 1) == [list(range(500))]
    assert shares_of(job(5, speed=1.0), 2) == [[0, 2, 4], [1, 3]]
