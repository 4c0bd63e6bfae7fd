"""Which files of a store may hold a part's rows: its own where they lie as ours do, else all."""

import pytest

from badge.errors import InputError
from sim.reconcile import dataset_store
from sim.reconcile.dataset_format import FORMATS
from sim.reconcile.dataset_parts import TruthPart
from sim.reconcile.dataset_store import DatasetStore


def part(site, number):
    return TruthPart(site, f"part-{number:05d}", (), (), 0)


def made(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("{}\n")
    return DatasetStore(folder, FORMATS["ndjson"])


OURS = [
    f"site={site}/day={day}/part-{n:05d}.ndjson" for site in "ab" for day in (2, 3) for n in (0, 1)
]


def test_of_files_that_lie_as_ours_each_part_has_its_own(tmp_path):
    store = made(tmp_path, *OURS, "site=a/day=2/notes.txt")
    assert store.of(part("a", 1)) == [
        tmp_path / f"site=a/day={day}/part-00001.ndjson" for day in (2, 3)
    ]
    assert sorted(path for some in store.batches() for path in some) == sorted(
        tmp_path / name for name in OURS
    )


@pytest.mark.parametrize("of", [part("c", 0), part("a", 9)])
def test_what_has_no_files_of_its_own_may_be_in_any(tmp_path, of):
    assert sorted(made(tmp_path, *OURS).of(of)) == sorted(tmp_path / name for name in OURS)


def test_of_a_data_set_the_truth_is_no_store(tmp_path):
    (tmp_path / "_plan.json").touch()
    store = made(
        tmp_path, *(f"{table}/{name}" for table in ("events", "truth/events") for name in OURS)
    )
    assert {path.parts[len(tmp_path.parts)] for some in store.batches() for path in some} == {
        "events"
    }


def test_files_are_given_some_at_a_time(tmp_path, monkeypatch):
    monkeypatch.setattr(dataset_store, "FILES_AT_ONCE", 3)
    assert [len(some) for some in made(tmp_path, *OURS).batches()] == [3, 3, 2]


def test_a_store_without_a_file_of_the_format(tmp_path):
    with pytest.raises(InputError, match="no NDJSON files; name a file of events, or a folder"):
        made(tmp_path)
    with pytest.raises(InputError, match="no NDJSON files"):
        DatasetStore(tmp_path / "nowhere", FORMATS["ndjson"])
