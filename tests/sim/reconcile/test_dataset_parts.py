"""What a manifest tells, part by part: in order, from the disk, and nothing that leads astray."""

import json

import pytest

from badge.errors import InputError
from sim.reconcile.dataset_parts import TruthParts, is_dataset
from sim.reconcile.scratch import scratch


def told(tmp_path, *files, **more):
    """Write a data set whose files are empty; each is (site, day, part, rows)."""
    entries = []
    for table in ("truth/events", "events"):
        for site, day, part, rows in files:
            path = f"{table}/site={site}/day={day}/part-{part:05d}.parquet"
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).touch()
            entries.append(
                {"table": table, "site": site, "path": path, "rows": rows, "sha256": day}
            )
    document = {"format": "parquet", "counts": {"badges": 7}, "files": entries, **more}
    (tmp_path / "manifest.json").write_text(json.dumps(document, indent=1))
    return tmp_path


def test_parts_come_by_site_and_number_with_their_days_in_order(tmp_path):
    days = ("2026-03-02", "2026-03-03")
    files = [(site, day, part, part + 1) for day in days for part in (0, 1) for site in "ba"]
    with scratch() as room:
        parts = TruthParts(told(tmp_path, *files), room)
        found = list(parts)
        assert list(parts) == found  # and again
    assert (len(parts), parts.badges, parts.rows) == (4, 7, 12)
    assert [(one.site, one.number, one.rows) for one in found] == [
        ("a", "part-00000", 2),
        ("a", "part-00001", 4),
        ("b", "part-00000", 2),
        ("b", "part-00001", 4),
    ]
    for one in found:
        assert [path.parent.name for path in one.files] == [f"day={day}" for day in days]
        assert one.digests == days


def test_a_file_that_is_not_there_or_another_is_named(tmp_path):
    folder = told(tmp_path, ("a", "2026-03-02", 0, 1))
    (path,) = (folder / "truth").rglob("*.parquet")
    with scratch() as room:
        (part,) = TruthParts(folder, room)
        with pytest.raises(InputError, match=r"part-00000\.parquet: not as it was made"):
            part.check()
        path.unlink()
        with pytest.raises(InputError, match=r"part-00000\.parquet: not there, though"):
            part.check()
    with scratch() as room, pytest.raises(InputError, match=r"part-00000\.parquet: not there"):
        TruthParts(folder, room)


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"files": [{"table": "truth/events"}]}, r"files\.0: site: "),
        ({"files": {}}, "files: "),
        ({"format": "csv"}, "of csv; make it again"),
        ({"counts": []}, "counts: "),
    ],
)
def test_what_is_no_manifest_is_one_sentence(tmp_path, more, what):
    with scratch() as room, pytest.raises(InputError, match=what):
        TruthParts(told(tmp_path, **more), room)


@pytest.mark.parametrize("rows", [-1, 2**63, 1.5])
def test_rows_that_cannot_be(tmp_path, rows):
    with scratch() as room, pytest.raises(InputError, match=r"files\.0: rows: "):
        TruthParts(told(tmp_path, ("a", "2026-03-02", 0, rows)), room)


def test_a_folder_is_a_data_set_when_it_is_whole(tmp_path):
    assert not is_dataset(tmp_path)
    (tmp_path / "_plan.json").touch()
    with pytest.raises(InputError, match="a data set that is not whole"):
        is_dataset(tmp_path)
    assert is_dataset(told(tmp_path))
