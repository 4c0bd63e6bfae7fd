import json
from hashlib import sha256
from importlib.metadata import version

import pytest

from badge.errors import InputError
from sim.fleet.dataset.address import Address
from sim.fleet.dataset.days import DayRows
from sim.fleet.dataset_part import StoppedError, WorkplaceError, make_part
from sim.fleet.shard import Shard
from tests.sim.fleet.dataset.story import TWO, plan_of
from tests.sim.fleet.story import run

VERSION = version("badge-simulator")


@pytest.mark.parametrize("form", ["parquet", "ndjson"])
def test_a_part_is_what_a_run_has_by_day(tmp_path, form):
    plan = plan_of(form=form, part_badges=2)
    part = next(plan.parts())
    done = make_part(part, str(tmp_path / "set"), VERSION)
    address = Address(str(tmp_path / "set"))
    for one in done.files:
        content = address.read(one["path"])
        assert (len(content), sha256(content).hexdigest()) == (one["bytes"], one["sha256"])
    assert json.loads(address.read(part.name))["files"] == done.files
    assert set(address.sizes()) == {part.name, *(one["path"] for one in done.files)}

    whole = run(tmp_path / "run", part.source)
    rows = [row for row in whole.rows() if row["device_id"] in whole.document["devices"][:2]]
    assert sum(one["rows"] for one in done.files if one["table"] == "truth/events") == len(rows)
    assert done.counts["events"] == len(rows)
    if form == "ndjson":
        days = [one["path"] for one in done.files if one["table"] == "truth/events"]
        logged = [json.loads(r) for path in days for r in address.read(path).splitlines()]
        key = lambda row: (row["device_id"], row["sequence_number"])  # noqa: E731
        assert sorted(logged, key=key) == rows


def test_a_part_of_chunks_goes_on_after_those_that_were_put_away(tmp_path, monkeypatch):
    plan = plan_of(part_badges=6, hours=30.0)
    part = next(plan.parts())
    make_part(part, str(tmp_path / "once"), VERSION)
    monkeypatch.setattr("sim.fleet.dataset.plan.CHUNK_BADGE_DAYS", 4)
    assert part.chunks == [range(2), range(2, 4), range(4, 6)]

    asked = []

    def stop():
        asked.append(1)
        return len(asked) > 60 + 3  # 30 hours, asked by the hour: in the third badge's life

    out = tmp_path / "set"
    with pytest.raises(StoppedError):
        make_part(part, str(out), VERSION, stop)
    address = Address(str(out))
    assert list(address.sizes()) == [part.chunk_name(range(2))]
    lived = []
    monkeypatch.setattr(
        Shard, "_note_done", lambda self, result: lived.append(result.index), raising=True
    )
    make_part(part, str(out), VERSION)
    assert lived == [2, 3, 4, 5]
    assert {p: address.read(p) for p in address.sizes()} == {
        p: Address(str(tmp_path / "once")).read(p) for p in address.sizes()
    }
    assert len(address.sizes()) == len(Address(str(tmp_path / "once")).sizes())


def test_a_worker_whose_disk_is_full_says_so(tmp_path, monkeypatch):
    def full(self, result):
        raise OSError(28, "No space left on device", "/tmp/badge-part-x/days")

    monkeypatch.setattr(DayRows, "add", full)
    part = next(plan_of(TWO.replace("hours: 52", "hours: 3")).parts())
    with pytest.raises(WorkplaceError, match=r"cannot write .*days: No space left"):
        make_part(part, str(tmp_path), VERSION)


def test_another_version_or_a_wish_to_stop(tmp_path):
    part = next(plan_of(TWO.replace("hours: 52", "hours: 3")).parts())
    with pytest.raises(InputError, match="install the same on both"):
        make_part(part, str(tmp_path), "0.0.1")
    with pytest.raises(StoppedError):
        make_part(part, str(tmp_path), VERSION, lambda: True)
    assert Address(str(tmp_path)).sizes() == {}
