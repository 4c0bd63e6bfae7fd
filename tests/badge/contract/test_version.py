"""Which firmware is too old."""

from __future__ import annotations

import pytest

from badge.contract.version import Version, oldest_kept, read_version
from badge.errors import InputError


@pytest.mark.parametrize(
    ("current", "oldest"),
    [("0.7.2", "0.5.0"), ("0.3.1", "0.1.0"), ("0.1.9", "0.0.0"), ("2.2.0", "2.0.0")],
)
def test_the_last_three_minor_versions_stay(current, oldest):
    assert str(oldest_kept(read_version(current))) == oldest


@pytest.mark.parametrize("current", ["1.0.0", "2.1.7"])
def test_counting_back_into_the_previous_major_needs_an_answer(current):
    with pytest.raises(InputError, match="--min-firmware"):
        oldest_kept(read_version(current))


def test_versions_are_ordered_by_number_not_by_text():
    assert Version(0, 10, 0) > Version(0, 9, 9) > Version(0, 9, 8)


@pytest.mark.parametrize("text", ["1.2", "01.2.3", "1.2.3\n", "v1.2.3", "", None, 7])
def test_anything_else_is_no_version(text):
    assert read_version(text) is None
