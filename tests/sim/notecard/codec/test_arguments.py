from __future__ import annotations

import pytest

from sim.notecard.codec.arguments import Args, RequestError, foreign_json, parse_request


@pytest.mark.parametrize(
    "line",
    [b"[1]", b'{"a":NaN}', b'{"a":1e999}', b'{"a":"\\ud800"}', b'{"a":' * 70 + b"1" + b"}" * 70],
)
def test_what_is_no_object_of_json_that_a_card_can_keep_is_an_io_error(line):
    with pytest.raises(RequestError, match=r"{io}"):
        parse_request(line)


def test_a_number_of_any_length_is_a_number_as_the_card_has_them():
    assert parse_request(b'{"n":%s}' % (b"9" * 19))["n"] == int("9" * 19)
    assert parse_request(b'{"n":%s}' % (b"9" * 30))["n"] == 1e30


def test_a_known_name_of_a_wrong_type_is_an_error_in_any_request():
    with pytest.raises(RequestError, match="expected a int32"):
        Args({"req": "echo", "seconds": "5"})
    assert Args({"seconds": None}).integer("seconds", 7) == 7


@pytest.mark.parametrize("data", [b"[" * 5000, b'"\\udc00"', b"\xff", b"Infinity", b""])
def test_foreign_json_is_json_or_a_value_error(data):
    with pytest.raises(ValueError):  # noqa: PT011  (whatever is wrong with it)
        foreign_json(data)
