from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.errors import InputError
from sim.sources.rssi_table import BadRow, Row, read_rssi_table

T0 = 1_551_367_495_114
TAG = "FF:FF:C0:21:EF:1A"


def read(text: str) -> list[Row | BadRow]:
    return list(read_rssi_table(text.encode(), "tags.csv"))


@given(st.lists(st.builds(Row, st.integers(T0, T0 + 10**9), st.just(TAG), st.integers(-200, 200))))
def test_what_is_written_is_read(rows):
    lines = [f"{row.utc_ms},{row.mac},{row.rssi_dbm}" for row in rows]
    assert read("\n".join(["unix_ms,mac,rssi", *lines])) == rows


def test_columns_may_stand_anywhere_among_others():
    text = f'\ufeffx_m, RSSI ,note,MAC,Unix_ms\r\n1.5,-88,"a, b",{TAG},{T0}\r\n'
    assert read(text) == [Row(T0, TAG, -88)]


@pytest.mark.parametrize("mac", ["ff:ff:c0:21:ef:1a", "FF-FF-C0-21-EF-1A", " FF:FF:C0:21:EF:1A "])
def test_macs_are_normalised(mac):
    assert read(f"unix_ms,mac,rssi\n{T0},{mac},-88") == [Row(T0, TAG, -88)]


def test_numbers_that_a_spreadsheet_wrote():
    assert read(f"unix_ms,mac,rssi\n{T0}.0,{TAG},-88.0") == [Row(T0, TAG, -88)]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (f"{T0}", "line 2: has 1 of at least 3 cells"),
        (f"{T0 // 10**6},{TAG},-88", "'1551367' is not a time in milliseconds"),
        (f"1.55137E+12,{TAG},-88", "has lost its last digits"),
        (f"soon,{TAG},-88", "'soon' is not a time"),
        (f"{T0},FF:FF,-88", "'FF:FF' is not a MAC address"),
        (f"{T0},{TAG},loud", "'loud' is not an RSSI"),
        (f"{T0},{TAG},nan", "'nan' is not an RSSI"),
        (f"{T0},{TAG},1e999", "'1e999' is not an RSSI"),
    ],
)
def test_a_broken_row_becomes_a_sentence_and_the_next_is_read(row, words):
    fault, good = read(f"unix_ms,mac,rssi\n{row}\n\n{T0},{TAG},-88\n")
    assert fault.sentence.startswith("tags.csv, line 2: ")
    assert words in fault.sentence
    assert good == Row(T0, TAG, -88)


def test_a_stray_quote_does_not_swallow_the_rest():
    assert len(read(f'unix_ms,mac,rssi\n{T0},{TAG},"-88\n{T0},{TAG},-88')) == 2


@pytest.mark.parametrize("text", ["", "a,b,c", f"{T0},{TAG},-88", "unix_ms,mac,place"])
def test_a_table_without_its_header_is_refused(text):
    with pytest.raises(InputError, match=r"^tags.csv, line 1: .*it needs unix_ms,mac,rssi"):
        read(text)


def test_binary_is_refused():
    with pytest.raises(InputError, match=r"^tags.csv, byte 2: neither a capture .* nor UTF-8"):
        read_rssi_table(b"un\xffix", "tags.csv")
