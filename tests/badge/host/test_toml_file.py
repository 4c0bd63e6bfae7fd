"""TOML from outside: read, or refused in one sentence with the file's name."""

from __future__ import annotations

import pytest

from badge.errors import InputError
from badge.host.toml_file import read_toml


def test_a_file_is_read(tmp_path):
    (tmp_path / "a.toml").write_text("seed = 1\n[simulate]\nspeed = '60x'\n")
    assert read_toml(tmp_path / "a.toml") == {"seed": 1, "simulate": {"speed": "60x"}}


@pytest.mark.parametrize("content", [b"a =", b"\xff", b"a = 1\na = 2", b"[" * 5000])
def test_what_is_none_names_the_file(tmp_path, content):
    (tmp_path / "a.toml").write_bytes(content)
    with pytest.raises(InputError, match=r"a\.toml"):
        read_toml(tmp_path / "a.toml")


def test_a_file_without_end_is_refused(tmp_path):
    (tmp_path / "a.toml").write_bytes(b"#" * 100)
    with pytest.raises(InputError, match="more than 64 bytes"):
        read_toml(tmp_path / "a.toml", 64)
