from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.air.radio.advert import octets_of
from sim.air.radio.content import content_of, shown_name

sections = st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=12)), max_size=5)


@given(st.binary(max_size=62))
def test_any_octets_are_some_content_and_never_an_error(octets):
    content_of(octets)


@given(sections, st.data())
def test_a_cut_advert_keeps_its_whole_structures(told, data):
    octets = octets_of(told)
    kept = content_of(octets[: data.draw(st.integers(0, len(octets)))]).sections
    assert list(kept) == told[: len(kept)]


@pytest.mark.parametrize(
    ("octets", "spaces", "cut"),
    [
        (b"tag", "tag", "tag"),
        (b"hi\0there", "hi", "hi"),
        (b"bad\xff\xfeutf", "bad  utf", "bad"),
        ("Näme-€".encode(), "Näme-€", "Näme-€"),
        (b"  lead  ", "  lead  ", "lead"),
        (b"\xff", "", ""),
    ],
)
def test_a_name_that_d_bus_cannot_carry_is_shown_as_each_version_does(octets, spaces, cut):
    assert shown_name(octets, cut=False) == spaces
    assert shown_name(octets, cut=True) == cut


@given(st.binary(max_size=30), st.booleans())
def test_any_name_can_go_over_d_bus(octets, cut):
    assert "\0" not in shown_name(octets, cut=cut)
    shown_name(octets, cut=cut).encode()


def test_what_blue_z_has_no_property_for_is_kept_by_its_type():
    found = content_of(octets_of([(0x26, b"\1\2"), (0x2D, b"\xaa"), (0x15, bytes(16))]))
    assert found.others == {0x26: b"\1\2", 0x2D: b"\xaa"}
