"""No two batches alike, and every one as the contract has it."""

import json

import pytest

from badge.contract.validation import judge
from badge.errors import InputError
from sim.load.requests import LoadBatch, Requests, made

HEADS = {"": b"POST / HTTP/1.1\r\nContent-Length: ", "ACT-10AD0002": b"2\r\nContent-Length: "}


def taken(requests, count):
    found = []
    for _ in range(count):
        request, events = requests.take()
        head, _, body = request.partition(b"\r\n\r\n")
        assert int(head.rpartition(b": ")[2]) == len(body)
        found.append(json.loads(body))
        assert len(found[-1]) == events
    return found


def test_every_pass_is_new_and_valid():
    batches = taken(Requests(made(3, 1.8e9, 5), HEADS, same=False), 12)
    keys = [(e["device_id"], e["sequence_number"]) for batch in batches for e in batch]
    assert len(set(keys)) == len(keys) == 60
    assert not judge([event for batch in batches for event in batch]).faults


def test_the_numbers_of_a_device_go_on_where_they_ended():
    day = [
        LoadBatch("ACT-0000000A", 1, b'[{"sequence_number" : 7}]', 7, 7),
        LoadBatch("ACT-0000000A", 1, b'[{"sequence_number" : 9}]', 9, 9),
    ]
    found = taken(Requests(day, HEADS, same=False), 6)
    assert [batch[0]["sequence_number"] for batch in found] == [7, 9, 10, 12, 13, 15]


def test_the_same_again_is_the_same_bytes():
    requests = Requests(made(2, 1.8e9, 3), HEADS, same=True)
    first = [requests.take() for _ in range(2)]
    assert [requests.take() for _ in range(4)] == first * 2


def test_each_device_has_its_key():
    requests = Requests(made(2, 1.8e9, 3), HEADS, same=False)
    assert [requests.take()[0][:1] for _ in range(2)] == [b"P", b"2"]


def test_nothing_to_send_is_one_sentence():
    with pytest.raises(InputError, match="no batch"):
        Requests([], HEADS, same=False)
