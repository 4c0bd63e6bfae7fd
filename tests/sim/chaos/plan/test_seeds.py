"""The file of seeds that once failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from badge.errors import InputError
from sim.chaos.plan.seeds import add_seeds, read_seeds


def test_seeds_are_read_once_each_in_order_without_remarks(tmp_path: Path) -> None:
    path = tmp_path / "seeds.txt"
    path.write_text("# first\n7  # J1: why\n\n3\n7\n", "utf-8")
    assert read_seeds(path) == (7, 3)


def test_a_file_that_is_not_there_yet_holds_none(tmp_path: Path) -> None:
    assert read_seeds(tmp_path / "none.txt") == ()


@pytest.mark.parametrize("line", ["x", "-1", "1.5", "9223372036854775808", "1 2", "٣", "9" * 5000])
def test_a_line_that_is_no_seed_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "seeds.txt"
    path.write_text(f"1\n{line}\n", "utf-8")
    with pytest.raises(InputError, match="line 2"):
        read_seeds(path)


def test_failed_seeds_are_added_once(tmp_path: Path) -> None:
    path = tmp_path / "seeds.txt"
    add_seeds(path, [(5, "J1"), (6, "state")])
    add_seeds(path, [(6, "J3"), (9, "order")])
    assert path.read_text("utf-8") == "5  # J1\n6  # state\n9  # order\n"
