"""Two families of errors, and one root to catch both."""

from __future__ import annotations

import pytest

from badge.errors import BadgeError, InputError, MisuseError


@pytest.mark.parametrize("kind", [InputError, MisuseError])
def test_both_have_the_same_root(kind):
    assert issubclass(kind, BadgeError)
    assert str(kind("one sentence")) == "one sentence"


def test_a_mistake_of_the_user_is_none_of_the_program():
    assert not issubclass(InputError, MisuseError)
    assert not issubclass(MisuseError, InputError)
