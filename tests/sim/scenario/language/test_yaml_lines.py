from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.errors import InputError
from sim.scenario.language.yaml_lines import read_lines


def test_values_are_those_of_yaml_1_2():
    read = read_lines(b"a: 10:40\nb: [1, 2.5, true, yes, ~]\nc: '7'\nd: 2026-03-14\n", "x")
    assert read.value == {
        "a": "10:40",
        "b": [1, 2.5, True, "yes", None],
        "c": "7",
        "d": "2026-03-14",
    }


def test_every_value_has_its_line_and_column():
    read = read_lines(b"a:\n  - b: 1\n    c: 2\n", "x")
    assert read.place_of(("a", 0, "c")) == (3, 5)
    assert read.place_of(("a", 0, "unknown", 5)) == (2, 5)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "empty"),
        (b"a: 1\na: 2\n", "line 2 column 1: 'a' is listed twice"),
        (b"a: [1\nb: 2\n", "line 2 column 2: not YAML"),
        (b"? [1]\n: 2\n", "plain word"),
        (b"\xff\xfe", "not UTF-8"),
        (b"x" * 2_000_000, "larger"),
        (b'a: 1\nb: "\\UFFFFFFFF"', "line 2: not YAML: a number or an escape is too large"),
        (b"%YAML " + b"9" * 5000 + b".1\n---\na: 1\n", "line 1: not YAML: a number"),
        (b'a: "\\ud800"', "line 1 column 4: half a surrogate pair is no text"),
        (b'"\\udfff": 1', "half a surrogate pair"),
        (b"[" * 3000, "x"),
        (
            b"a: &a [1,1,1,1,1,1,1,1,1,1]\n"
            + b"\n".join(
                b"%s: &%s [%s]" % (k, k, b",".join([b"*" + p] * 10))
                for p, k in zip(b"a b c d e f".split(), b"b c d e f g".split(), strict=True)
            ),
            "too many values",
        ),
    ],
)
def test_what_is_no_scenario_is_one_sentence_with_its_place(content, what):
    with pytest.raises(InputError, match=what.replace("[", r"\[")):
        read_lines(content, "x")


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content):
    with suppress(InputError):
        read_lines(content, "x")
