import json
from hashlib import sha256

import pytest

from badge.errors import InputError
from sim.fleet.dataset.address import UNFINISHED, Address, StoreLostError
from sim.fleet.dataset.manifest import PartDone, alone, begin, whole_parts, write_manifest
from tests.sim.fleet.dataset.story import plan_of

DIGEST = sha256(b"12345").hexdigest()


def filled(tmp_path, plan):
    address = Address(str(tmp_path / "set"))
    begin(address, plan)
    for part in plan.parts():
        path = part.file("events", "2026-03-02")
        address.write(path, b"12345")
        one = {"table": "events", "site": part.site, "day": "2026-03-02", "path": path}
        file = {**one, "rows": 2, "bytes": 5, "sha256": DIGEST}
        done = PartDone(part.site, part.number, part.key, [file], {"events": 2, "badges": 1})
        address.write(part.name, done.text())
    return address, list(plan.parts())


def test_what_is_whole_is_found_again(tmp_path):
    plan = plan_of()
    address, parts = filled(tmp_path, plan)
    done = whole_parts(address, parts)
    assert list(done) == [part.name for part in parts]
    before = write_manifest(address, plan, done)
    assert write_manifest(address, plan, dict(reversed(done.items()))) == before
    manifest = json.loads(address.read("manifest.json"))
    text = json.dumps(manifest, indent=1, sort_keys=True) + "\n"
    assert address.read("manifest.json") == text.encode()
    assert before == sha256(text.encode()).hexdigest()
    assert manifest["counts"] == {"badges": 12, "events": 24}
    assert manifest["rows"] == {"events": 24}
    assert [one["path"] for one in manifest["files"]] == sorted(
        part.file("events", "2026-03-02") for part in parts
    )


def told(address, part, before, after):
    content = address.read(part.name)
    assert before in content
    address.write(part.name, content.replace(before, after))


@pytest.mark.parametrize(
    "harm",
    [
        lambda address, part: address.write(part.file("events", "2026-03-02"), b"1234"),
        lambda address, part: address.write(part.file("events", "2026-03-02"), b"12354"),
        lambda address, part: address.local(part.file("events", "2026-03-02")).unlink(),
        lambda address, part: address.write(part.name, address.read(part.name)[:-9]),
        lambda address, part: address.write(part.name, b"[]"),
        lambda address, part: told(address, part, b'"sha256"', b'"sha1"'),
        lambda address, part: told(address, part, b'"rows": 2', b'"rows": "2"'),
        lambda address, part: told(address, part, b'"path": "', b'"path": "../../'),
        lambda address, part: address.write(
            part.name, address.read(part.name).replace(part.key.encode(), b"other")
        ),
    ],
)
def test_a_part_that_is_not_whole_is_none(tmp_path, harm):
    address, parts = filled(tmp_path, plan_of())
    harm(address, parts[3])
    assert list(whole_parts(address, parts)) == [p.name for p in parts if p is not parts[3]]


def test_what_killed_workers_left_goes(tmp_path):
    plan = plan_of()
    address, parts = filled(tmp_path, plan)
    before = address.sizes()
    address.write(parts[0].chunk_name(range(1)), b"PK")
    address.write(f"events/site=east/x.0123abcd{UNFINISHED}", b"half")
    write_manifest(address, plan, whole_parts(address, parts))
    assert set(address.sizes()) == {*before, "manifest.json"}


def test_a_worker_that_wrote_elsewhere_is_found_out(tmp_path):
    plan = plan_of()
    address, parts = filled(tmp_path, plan)
    done = whole_parts(address, parts)
    address.remove(parts[2].file("events", "2026-03-02"))
    with pytest.raises(StoreLostError, match="is not there, though a worker has written it"):
        write_manifest(address, plan, done)
    assert address.read("manifest.json") is None


def test_two_runs_do_not_make_one_folder(tmp_path):
    address, _ = filled(tmp_path, plan_of())
    with (
        alone(address),
        pytest.raises(InputError, match="another run is making it"),
        alone(address),
    ):
        pass
    with alone(address), alone(Address("memory://nobody")):
        pass


def test_an_address_that_holds_something_else(tmp_path):
    address, _ = filled(tmp_path, plan_of())
    begin(address, plan_of())
    with pytest.raises(InputError, match="holds another data set, of Two sites; name another"):
        begin(address, plan_of(seed=9))
    other = Address(str(tmp_path / "other"))
    other.write("thesis.doc", b"x")
    with pytest.raises(InputError, match="not empty, and no data set"):
        begin(other, plan_of())
