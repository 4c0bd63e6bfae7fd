import pytest

import tests.sim.fleet.story as run_story
from badge.errors import InputError
from sim.fleet.job import Job
from sim.fleet.output.folder import RunFolder
from sim.fleet.run import run_document
from sim.fleet.shard import Shard
from tests.sim.fleet.story import parameters, source


def break_in(path):
    with RunFolder(path) as folder:
        (folder.parts / "000000.truth").write_text("{")
        raise OSError("full")


def test_nothing_that_looks_whole_is_left_when_it_breaks(tmp_path):
    with pytest.raises(OSError, match="full"):
        break_in(tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_exists_is_refused(tmp_path):
    with pytest.raises(InputError, match="exists"):
        RunFolder(tmp_path)


def test_counts_add_up(small):
    counts = small.document["counts"]
    assert sum(counts["by_type"].values()) == counts["events"] == len(small.rows())
    assert counts["delivered"] + sum(counts["undelivered"].values()) == counts["events"]
    for name in ("shifts", "visits", "sessions", "presence"):
        assert counts[name] == len(small.table(name))


def test_a_run_that_was_stopped_says_so(tmp_path):
    with RunFolder(tmp_path / "run") as folder:
        job = Job(source(), parameters(source(), hours=0.2), folder.parts)
        results = Shard(job, range(1), lambda progress: None, lambda: False).run()
        path, document = folder.complete(
            run_document(job, results, whole=False), results, split=False, batches=False
        )
    assert path.name == "run.interrupted"
    assert document["complete"] is False
    assert document["counts"]["badges"] == 1


def test_stopping_leaves_out_the_badge_that_was_under_way(tmp_path):
    asks = iter([False] * 2 + [True] * 100)
    job = Job(source(), parameters(source()), tmp_path)
    shard = Shard(job, range(2), lambda progress: None, lambda: next(asks))
    results = shard.run()
    assert [one.index for one in results] == [0]


def test_one_folder_after_another(tmp_path):
    assert run_story.run(tmp_path / "a", source(), hours=0.05).path == tmp_path / "a"
