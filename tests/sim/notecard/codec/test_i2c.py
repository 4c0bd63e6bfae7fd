from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sim.notecard.codec.i2c import AVAILABLE_MAX, I2cFraming
from tests.strategies import unhurried


def query(port: I2cFraming) -> int:
    port.written(b"\0\0")
    available, count = port.read(2)
    assert count == 0
    return available


def read(port: I2cFraming, k: int) -> tuple[int, bytes]:
    port.written(bytes([0, k]))
    available, count, *data = port.read(k + 2)
    assert count == k
    return available, bytes(data)


@unhurried
@given(st.lists(st.binary(min_size=1, max_size=700), max_size=4), st.integers(1, 255))
def test_a_host_reads_each_message_whole_and_alone(messages, mtu):
    port, found = I2cFraming(), []
    for message in messages:
        port.show(message)
    while available := query(port):
        got = b""
        while available:
            assert available <= AVAILABLE_MAX
            available, data = read(port, min(available, mtu))
            got += data
        found.append(got)
    assert found == messages


def test_the_count_survives_a_stop_and_a_probe_is_acknowledged():
    port = I2cFraming()
    port.show(b"abc")
    assert query(port) == 3
    assert port.written(b"\0\3") == b""
    assert port.written(b"") == b""
    assert port.read(5) == b"\0\3abc"


def test_asking_for_more_than_there_is_shows_in_the_count():
    port = I2cFraming()
    port.show(b"abc")
    query(port)
    port.written(b"\0\x09")
    assert port.read(11)[:5] == b"\0\3abc"


def test_a_write_gives_its_payload():
    assert I2cFraming().written(b"\5{}\r\n?tail") == b"{}\r\n?"


def test_dropped_means_gone():
    port = I2cFraming()
    port.show(b"old")
    query(port)
    port.show(b"older")
    port.drop()
    assert query(port) == 0


def test_the_next_message_shows_only_on_a_query():
    port = I2cFraming()
    port.show(b"one")
    port.show(b"two")
    assert query(port) == 3
    assert read(port, 3) == (0, b"one")
    port.written(b"\0\3")
    assert port.read(5)[:2] == b"\0\0"
    assert query(port) == 3
