from dataclasses import replace
from io import BytesIO

import pytest

import tests.sim.fleet.story as run_story
from sim.fleet.job import Job
from sim.fleet.output.folder import RunFolder
from sim.fleet.output.part_files import SHARED
from sim.fleet.run import run_document
from sim.fleet.shard import Shard
from tests.sim.fleet.story import parameters, source


def run(folder, indexes, stopped=lambda: False, **changes):
    folder.mkdir(parents=True, exist_ok=True)
    story = source()
    job = Job(story, parameters(story), folder, **changes)
    told = []
    shard = Shard(job, indexes, told.append, stopped)
    return shard.run(), {path.name: path.read_bytes() for path in sorted(folder.iterdir())}, told


def rows(folder, results):
    """What each badge has left, by suffix."""
    found = {}
    for one in results:
        for suffix in SHARED:
            place = one.region(folder, suffix)
            if place is not None:
                with BytesIO() as file:
                    place.copy_to(file)
                    found[one.index, suffix] = file.getvalue()
    return found


def test_a_badge_lives_the_same_alone_and_beside_others(tmp_path):
    both, parts, _ = run(tmp_path / "both", range(2))
    (second,), _, _ = run(tmp_path / "alone", [1])
    assert both[1] == second
    alone, beside = rows(tmp_path / "alone", [second]), rows(tmp_path / "both", both)
    assert {name: beside[name] for name in alone} == alone
    assert sorted(parts) == ["000000.events", "000000.outcome", "000000.truth"]
    assert parts["000000.events"] == beside[0, ".events"] + beside[1, ".events"]


def test_who_is_done_is_not_run_again(tmp_path):
    first, parts, _ = run(tmp_path / "a", range(2))
    kept = b" " * len(parts["000000.events"])
    (tmp_path / "a" / "000000.events").write_bytes(kept)
    again, after, _ = run(tmp_path / "a", range(2))
    assert again == first
    assert after == parts | {"000000.events": kept}


@pytest.mark.parametrize("name", ["000000.events", "000000.truth", "000000.outcome"])
@pytest.mark.parametrize("damage", [lambda b: b"", lambda b: b[:-1], lambda b: b + b"{}\n"])
def test_a_badge_whose_parts_are_torn_lives_once_more_and_writes_nothing_twice(
    tmp_path, name, damage
):
    """By a full disk, a kill, or a loss of power that took what was written last."""
    folder = tmp_path / "a"
    first, parts, _ = run(folder, range(2))
    before = rows(folder, first)
    (folder / name).write_bytes(damage(parts[name]))
    again, after, _ = run(folder, range(2))
    assert again == first
    assert rows(folder, again) == before
    torn = len((folder / name).read_bytes()) < len(parts[name])
    assert ("000001.truth" in after or "000000-2.truth" in after) == torn


def test_badges_that_lived_here_and_there_are_put_together_in_order(tmp_path):
    """Of a run that was cut short, and goes on with other processes."""
    whole = run_story.run(tmp_path / "whole", source(), badges=5)
    job = Job(source(), parameters(source(), badges=5), tmp_path / "parts")
    with RunFolder(tmp_path / "pieces") as folder:
        job = replace(job, folder=folder.parts)
        for indexes in ([1, 2], [4], [0, 1, 2, 3]):
            results = Shard(job, indexes, lambda progress: None, lambda: False).run()
        results = Shard(job, range(5), lambda progress: None, lambda: False).run()
        document = run_document(job, results, whole=True)
        folder.complete(document, results, split=False, batches=job.batches)
    for name in ("events.ndjson", "truth/events.ndjson"):
        assert (tmp_path / "pieces" / name).read_bytes() == (whole.path / name).read_bytes()


def test_a_recording_has_its_name_only_when_it_is_whole(tmp_path):
    record = tmp_path / "record"
    record.mkdir()
    asks = iter([False] * 3 + [True] * 100)
    run(tmp_path / "a", range(2), lambda: next(asks), record=record)
    names = sorted(path.name for path in record.iterdir())
    assert [name.endswith(".interrupted.ndjson") for name in names] == [False, True]
    run(tmp_path / "b", range(2), record=record)
    assert not [path.name for path in record.iterdir() if "interrupted" in path.name]
