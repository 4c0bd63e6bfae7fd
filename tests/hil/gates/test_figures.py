from __future__ import annotations

from hil.gates.figures import at_least, at_most, below, exactly


def test_a_limit_belongs_to_one_side():
    assert at_least("a", 85, 85).met
    assert not at_least("a", 84.9, 85).met
    assert not below("b", 50, 50).met
    assert below("b", 49.9, 50).met
    assert exactly("c", 50, 50).met
    assert not exactly("c", 49, 50).met
    assert at_most("c", 1, 1).met
    assert not at_most("c", 2, 1).met


def test_a_figure_says_what_it_had_to_be():
    figure = at_least("hours", 71.5, 72, " h")
    assert (figure.value, figure.wanted) == ("71.5 h", "at least 72 h")
