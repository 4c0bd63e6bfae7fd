import pytest

from sim.fleet.job import Job
from sim.fleet.shard import Shard
from tests.sim.fleet.story import parameters, source


def run(folder, indexes, stopped=lambda: False, **changes):
    folder.mkdir(parents=True, exist_ok=True)
    story = source()
    job = Job(story, parameters(story), folder, **changes)
    told = []
    shard = Shard(job, indexes, told.append, stopped)
    return shard.run(), {path.name: path.read_bytes() for path in sorted(folder.iterdir())}, told


def test_a_badge_lives_the_same_alone_and_beside_others(tmp_path):
    both, parts, _ = run(tmp_path / "both", range(2))
    (second,), alone, _ = run(tmp_path / "alone", [1])
    assert both[1] == second
    assert {name: parts[name] for name in alone} == alone


def test_who_is_done_is_not_run_again(tmp_path):
    first, parts, _ = run(tmp_path / "a", range(2))
    kept = b" " * len(parts["000000.events"])
    (tmp_path / "a" / "000000.events").write_bytes(kept)
    again, after, _ = run(tmp_path / "a", range(2))
    assert again == first
    assert after == parts | {"000000.events": kept}


@pytest.mark.parametrize("name", ["000000.events", "000001.truth", "000001.outcome"])
@pytest.mark.parametrize("damage", [lambda b: b"", lambda b: b[:-1], lambda b: b + b"{}\n"])
def test_a_badge_whose_parts_are_torn_lives_once_more_and_writes_nothing_twice(
    tmp_path, name, damage
):
    """By a full disk, a kill, or a loss of power that took what was written last."""
    first, parts, _ = run(tmp_path / "a", range(2))
    (tmp_path / "a" / name).write_bytes(damage(parts[name]))
    again, after, _ = run(tmp_path / "a", range(2))
    assert (again, after) == (first, parts)


def test_a_recording_has_its_name_only_when_it_is_whole(tmp_path):
    record = tmp_path / "record"
    record.mkdir()
    asks = iter([False] * 3 + [True] * 100)
    run(tmp_path / "a", range(2), lambda: next(asks), record=record)
    names = sorted(path.name for path in record.iterdir())
    assert [name.endswith(".interrupted.ndjson") for name in names] == [False, True]
    run(tmp_path / "b", range(2), record=record)
    assert not [path.name for path in record.iterdir() if "interrupted" in path.name]
