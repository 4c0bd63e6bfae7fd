from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sim.notecard.codec.lines import LINE_BYTES_MAX, LineAssembler, trimmed
from tests.strategies import unhurried


def take_all(lines: LineAssembler) -> list[bytes]:
    found = []
    while (line := lines.next_line()) is not None:
        found.append(line)
    return found


@unhurried
@given(st.lists(st.binary(max_size=8)))
def test_bursts_do_not_matter(parts):
    assembler, found = LineAssembler(), []
    for part in parts:
        assembler.feed(part)
        found += take_all(assembler)
    assert found == b"".join(parts).split(b"\n")[:-1]


def test_what_clients_put_around_a_line_is_trimmed():
    assert trimmed(b"\0 {}\t\r") == b"{}"


def test_a_line_without_end_is_bounded():
    assembler = LineAssembler()
    for _ in range(3):
        assembler.feed(b"x" * LINE_BYTES_MAX)
        assert assembler.next_line() is None
    assert len(assembler) <= LINE_BYTES_MAX


def test_clear_forgets_the_unfinished_line():
    assembler = LineAssembler()
    assembler.feed(b"half")
    assembler.clear()
    assembler.feed(b"whole\n")
    assert take_all(assembler) == [b"whole"]
