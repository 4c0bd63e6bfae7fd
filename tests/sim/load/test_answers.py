"""What an answer is counted as."""

from sim.load.answers import label
from sim.net.answer_reader import AnswerReader
from tests.sim.load.backends import answer


def read(content):
    reader = AnswerReader(1000)
    reader.feed(content)
    return reader


def test_digits_of_a_reason_are_no_reason_of_their_own():
    said = answer(413, b'{"error":"Batch limit is 500 events. Received 612."}')
    assert label(read(said)) == "413 Batch limit is ### events. Received ###."


def test_one_that_says_no_reason_is_its_status():
    assert label(read(answer(503, b"<html>"))) == "503"
