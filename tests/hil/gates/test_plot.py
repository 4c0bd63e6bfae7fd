"""Gate 3 as a picture, and the interval that is drawn."""

from __future__ import annotations

import pytest

from badge.errors import InputError
from hil.gates.plot import check_plot, draw, wilson

SHARES = {metres: max(0.0, min(1.0, 1.6 - metres / 8)) for metres in range(1, 16)}


def test_the_same_shares_give_the_same_picture(tmp_path):
    for name in ("a.svg", "b.svg"):
        draw(tmp_path / name, SHARES, "virtual")
    first = (tmp_path / "a.svg").read_bytes()
    assert first == (tmp_path / "b.svg").read_bytes()
    draw(tmp_path / "c.svg", SHARES | {5: 0.1}, "virtual")
    assert first != (tmp_path / "c.svg").read_bytes()


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_it_is_written_in_each_form(tmp_path, ending):
    path = check_plot(tmp_path / f"gate.{ending}")
    draw(path, {5: 0.9, 10: 0.2}, "real")
    heads = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}
    assert path.read_bytes().startswith(heads[ending])


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"\.svg"):
        check_plot(tmp_path / "gate.jpg")


def test_the_interval_of_a_share():
    low, high = wilson(0.2, 100)
    assert (round(low, 3), round(high, 3)) == (0.133, 0.289)  # as in Wilson's own tables
    assert wilson(0.0, 100)[0] == 0
    assert wilson(1.0, 100)[1] == pytest.approx(1)
    assert all(low < share < high for share in (0.1, 0.5) for low, high in [wilson(share, 30)])
