from __future__ import annotations

import gzip

import pytest

from badge.errors import InputError
from sim.sources.open import read_whole


def test_a_file_up_to_the_limit_is_read_whole(tmp_path):
    (tmp_path / "walk").write_bytes(b"x" * 10)
    assert read_whole(tmp_path / "walk", max_bytes=10) == b"x" * 10


def test_a_larger_file_is_refused_with_the_limit_and_a_remedy(tmp_path):
    (tmp_path / "walk").write_bytes(b"x" * 11)
    with pytest.raises(InputError, match=r"walk: larger than .* MiB; cut out"):
        read_whole(tmp_path / "walk", max_bytes=10)


@pytest.mark.parametrize("content", [b"", b" \r\n\t"])
def test_an_empty_file_is_refused(tmp_path, content):
    (tmp_path / "walk").write_bytes(content)
    with pytest.raises(InputError, match="walk: the file is empty; "):
        read_whole(tmp_path / "walk")


@pytest.mark.parametrize("name", ["missing", ".", "nul\0name"])
def test_what_cannot_be_opened_is_refused(tmp_path, name):
    with pytest.raises(InputError, match="cannot be read"):
        read_whole(f"{tmp_path}/{name}")


def test_gzip_is_unpacked_whatever_its_name(tmp_path):
    (tmp_path / "walk.gpx").write_bytes(gzip.compress(b"x" * 10))
    assert read_whole(tmp_path / "walk.gpx", max_bytes=100) == b"x" * 10


def test_a_few_octets_of_gzip_do_not_become_gigabytes(tmp_path):
    (tmp_path / "walk").write_bytes(gzip.compress(bytes(10_000_000)))
    with pytest.raises(InputError, match="larger than"):
        read_whole(tmp_path / "walk", max_bytes=100_000)


@pytest.mark.parametrize(("cut", "words"), [(-6, "cut off"), (5, "damaged|cut off")])
def test_gzip_that_is_not_whole_is_refused(tmp_path, cut, words):
    whole = gzip.compress(b"walk" * 100)
    damaged = whole[:cut] if cut < 0 else whole[:cut] + b"\xff" * 30
    (tmp_path / "walk").write_bytes(damaged)
    with pytest.raises(InputError, match=words):
        read_whole(tmp_path / "walk")
