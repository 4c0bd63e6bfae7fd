from pathlib import Path

import pytest

from badge.errors import InputError
from sim.fleet.dataset.address import Address, StoreLostError

pytest.importorskip("fsspec", reason="fsspec is not installed (extra: dask)")


@pytest.mark.parametrize("kind", ["folder", "file://", "memory://"])
def test_what_is_put_is_there(tmp_path, kind):
    url = {"folder": str(tmp_path / "a"), "file://": f"file://{tmp_path}/a"}.get(kind, f"{kind}a")
    address = Address(url)
    assert (address.read("x/y.json"), address.sizes()) == (None, {})
    address.write("x/y.json", b"{}")
    (tmp_path / "local").write_bytes(b"123")
    address.put("events/day=1/part", tmp_path / "local")
    assert address.read("x/y.json") == b"{}"
    assert address.sizes() == {"events/day=1/part": 3, "x/y.json": 2}
    assert address.sizes("x") == {"x/y.json": 2}
    address.get("x/y.json", tmp_path / "got")
    assert (tmp_path / "got").read_bytes() == b"{}"
    with address.open("events/day=1/part") as file:
        assert file.read() == b"123"
    local = address.local("x/y.json")
    assert (local is None) == (kind == "memory://")
    assert local is None or local.read_bytes() == b"{}"
    for _ in range(2):  # a second time it is not there, and that is all right
        address.remove("x/y.json")
    assert list(address.sizes()) == ["events/day=1/part"]


@pytest.mark.parametrize("url", ["nonsense://a/b", "nonsense::file://x"])
def test_an_address_that_is_none(url):
    with pytest.raises(InputError, match=r"nonsense.*: no such kind of store; write a folder, or"):
        Address(url)


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "taken").write_text("a file, and no folder")
    with pytest.raises(InputError, match="taken is a file; name a folder"):
        Address(str(tmp_path / "taken"))


def test_a_file_of_a_folder_is_whole_or_not_there(tmp_path, monkeypatch):
    address = Address(str(tmp_path / "set"))
    address.write("a/part", b"as before")

    def full(self, local, path):
        Path(path).write_bytes(b"a ha")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(address._files), "put_file", full)
    with pytest.raises(StoreLostError, match="No space left"):
        address.put("a/part", tmp_path / "x")
    assert (address.read("a/part"), list(address.sizes())) == (b"as before", ["a/part"])


def test_a_store_that_is_lost_is_told_by_its_address(tmp_path):
    address = Address(str(tmp_path / "taken"))
    (tmp_path / "taken").write_text("a file, and no folder")
    with pytest.raises(StoreLostError, match="taken"):
        address.write("x", b"")
