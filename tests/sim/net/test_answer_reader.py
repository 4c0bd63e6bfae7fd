"""An answer is whole at its last byte, however its bytes come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.net.answer import HEAD_BYTES_MAX, Answer
from sim.net.answer_reader import AnswerReader
from tests.sim.load.backends import answer
from tests.strategies import unhurried

CHUNKED = b"HTTP/1.1 202 X\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
ANSWERS = (answer(), answer(503, b'{"error":"busy 17"}'), CHUNKED, b"HTTP/1.1 204 X\r\n\r\n")
MOST = 100


@unhurried
@given(st.sampled_from(ANSWERS), st.data())
def test_cut_anywhere_it_is_whole_at_the_end_and_not_before(content, data):
    cuts = sorted(data.draw(st.sets(st.integers(1, len(content) - 1))))
    reader = AnswerReader(MOST)
    for begin, end in zip([0, *cuts], [*cuts, len(content)], strict=True):
        assert reader.feed(content[begin:end]) is (end == len(content))
    assert reader.lasts
    assert reader.wrong is None


@pytest.mark.parametrize("more", [b"x", answer()])
def test_bytes_behind_it_end_the_connection_and_change_nothing(more):
    reader = AnswerReader(MOST)
    assert reader.feed(answer() + more)
    assert (reader.wrong, reader.lasts) == (None, False)
    assert reader.answer() == Answer(202, {"content-length": "48"}, answer()[-48:])


def test_a_continue_is_not_the_answer():
    reader = AnswerReader(MOST)
    assert not reader.feed(b"HTTP/1.1 100 Continue\r\nX: 1\r\n\r\n")
    assert not reader.end()
    assert reader.feed(answer())
    assert (reader.status, "x" in reader.answer().headers) == (202, False)


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"SMTP ready\r\n", "not HTTP"),
        (b"HTTP/1.1 202 X\r\nX: " + b"a" * (HEAD_BYTES_MAX + MOST), "too long"),
    ],
)
def test_what_can_be_no_answer_says_why(content, cause):
    reader = AnswerReader(MOST)
    assert reader.feed(content)
    assert (reader.wrong.cause, reader.whole) == (cause, False)


@pytest.mark.parametrize(("head", "whole"), [(b"", True), (b"Content-Length: 9\r\n", False)])
def test_one_without_a_length_ends_with_its_connection(head, whole):
    reader = AnswerReader(MOST)
    assert not reader.feed(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n{1}")
    assert reader.end() is whole


def test_a_long_body_is_cut():
    reader = AnswerReader(MOST)
    assert reader.feed(answer(200, b"x" * (MOST + 9)))
    assert reader.answer().body == b"x" * MOST
