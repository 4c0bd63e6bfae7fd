import json
from hashlib import sha256
from importlib.metadata import version

import pytest

from badge.errors import InputError
from sim.fleet.dataset.address import Address
from sim.fleet.dataset_part import StoppedError, make_part
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


def test_another_version_or_a_wish_to_stop(tmp_path):
    part = next(plan_of(TWO.replace("hours: 52", "hours: 3")).parts())
    with pytest.raises(InputError, match="install the same on both"):
        make_part(part, str(tmp_path), "0.0.1")
    with pytest.raises(StoppedError):
        make_part(part, str(tmp_path), VERSION, lambda: True)
    assert Address(str(tmp_path)).sizes() == {}
