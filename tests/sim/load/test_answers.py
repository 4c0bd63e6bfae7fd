"""An answer is whole at its last byte, however its bytes come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.load.answers import AnswerReader
from tests.sim.load.backends import answer
from tests.strategies import unhurried

CHUNKED = b"HTTP/1.1 202 X\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
ANSWERS = (answer(), answer(503, b'{"error":"busy 17"}'), CHUNKED, b"HTTP/1.1 204 X\r\n\r\n")


@unhurried
@given(st.sampled_from(ANSWERS), st.data())
def test_cut_anywhere_it_is_whole_at_the_end_and_not_before(content, data):
    cuts = sorted(data.draw(st.sets(st.integers(1, len(content) - 1))))
    reader = AnswerReader()
    for begin, end in zip([0, *cuts], [*cuts, len(content)], strict=True):
        assert reader.feed(content[begin:end]) is (end == len(content))
    assert reader.lasts


def test_digits_of_a_reason_are_no_reason_of_their_own():
    reader = AnswerReader()
    reader.feed(answer(413, b'{"error":"Batch limit is 500 events. Received 612."}'))
    assert reader.label() == "413 Batch limit is ### events. Received ###."


@pytest.mark.parametrize("more", [b"x", answer()])
def test_bytes_behind_it_end_the_connection(more):
    reader = AnswerReader()
    assert reader.feed(answer() + more)
    assert not reader.lasts


def test_a_continue_is_not_the_answer():
    reader = AnswerReader()
    assert not reader.feed(b"HTTP/1.1 100 Continue\r\n\r\n")
    assert reader.feed(answer())
    assert reader.status == 202
