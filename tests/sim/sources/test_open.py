from __future__ import annotations

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
