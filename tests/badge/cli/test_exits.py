"""The exit codes are public: scripts stand on them."""

from __future__ import annotations

from badge.cli import exits
from tests.command import call


def test_each_code_is_told_in_the_help():
    text = " ".join(call("--help").out.split())
    assert (exits.EXIT_OK, exits.EXIT_DIFFERS) == (0, 1)
    assert (exits.EXIT_BAD_INPUT, exits.EXIT_INTERRUPTED) == (2, 130)
    assert exits.EXIT_INTERNAL == 70
    for words in ("0 done", "1 the check", "2 wrong usage", "70 a fault", "130 interrupted"):
        assert words in text


def test_the_help_adds_the_codes_that_its_own_words_leave_out():
    assert exits.exit_codes("Do.").startswith("Exit codes: 0 done; 2 ")
    rest = exits.exit_codes("Take 70 of them. Exit code 1: it differs; 0: equal; 2 bad input.")
    assert rest == (
        "Other exit codes: 70 a fault of the program itself; 130 interrupted (Ctrl-C or SIGTERM)."
    )
