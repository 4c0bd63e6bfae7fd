"""Every path that the page names is there."""

from __future__ import annotations

import re

import pytest

from tests.paths import DOCS, ROOT

PAGE = (DOCS / "where-a-change-goes.md").read_text(encoding="utf-8")
PATHS = sorted(set(re.findall(r"`((?:badge|sim|hil|scripts|tests|docs)/[\w/.-]*)`", PAGE)))


def test_the_page_has_ten_examples():
    assert len(re.findall(r"^\| \*\*", PAGE, re.MULTILINE)) == 10


@pytest.mark.parametrize("path", PATHS)
def test_every_place_it_names_is_there(path):
    assert (ROOT / path).exists()
