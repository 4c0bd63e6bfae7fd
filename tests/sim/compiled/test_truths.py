"""Rows of truth that C writes are those that Python writes, or it leaves them to Python."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from badge.host.c_pump import ROW
from sim.compiled.truths import Named, TrueRows, write_truths
from sim.fleet.columnar import truth
from tests.sim.compiled.rig import library

HEAD = b'{"device_id":"ACT-00000001","payload":"{}"'
WORDS = st.lists(st.text(max_size=5) | st.none(), min_size=1, max_size=4)
UDEG = st.integers(100, 180_000_000) | st.just(0)
ROWS = st.lists(
    st.tuples(
        UDEG,
        UDEG.map(lambda udeg: -udeg),
        st.integers(0, 99),
        st.lists(st.tuples(st.integers(0, 99), st.integers(0, 2000)), max_size=3),
        st.booleans(),
    ),
    min_size=1,
    max_size=6,
)


def rows_of(asked, words):
    """Rows, their text, and what is true of them."""
    rows, text = np.zeros(len(asked), ROW), b""
    for row, (*_, stamped) in zip(rows, asked, strict=True):
        row["event_at"] = len(text)
        text += b'{"event":1}\n' if stamped else b""
        row["truth_at"] = len(text)
        text += HEAD
        row["end"] = len(text)
    pieces = [to_json(word) for word in words]
    picked = np.array([one % len(words) for _, _, one, _, _ in asked], np.uint32)
    named = Named(pieces, picked)
    near = [one for _, _, _, found, _ in asked for one in found]
    ends = np.cumsum([0, *(len(found) for _, _, _, found, _ in asked)], dtype=np.uint32)
    tags = Named(pieces, np.array([tag % len(words) for tag, _ in near], np.uint32))
    lats, lons = (np.array([row[n] for row in asked]) / 1e6 for n in (0, 1))
    cms = np.array([cm for _, cm in near], np.int64)
    return (
        rows,
        text,
        TrueRows(lats, np.where(lons == 0, 0.0, lons), named, named, named, tags, ends, cms),
    )


@given(ROWS, WORDS)
def test_they_are_those_of_python(asked, words):
    rows, text, true = rows_of(asked, words)
    assert write_truths(library(), rows, text, true) == truth._in_python(rows, text, true)


@pytest.mark.parametrize("lat", [1e-6, -0.0, 0.12345678, 1e12])
def test_a_number_that_json_writes_otherwise_is_left_to_python(lat):
    rows, text, true = rows_of([(1000, -1000, 0, [], True)] * 2, ["w"])
    odd = true._replace(lats=np.array([45.0, lat]))
    assert write_truths(library(), rows, text, odd) is None
    _, lines = truth._in_python(rows, text, odd)
    assert f'"true_lat":{json.dumps(lat)}'.encode() in lines or b"e-6" in lines or b"e12" in lines


@given(st.integers(0, 2_000_000).map(lambda n: n / 1e5) | st.floats(0, 20))
def test_centimetres_are_rounded_as_python_rounds(metres):
    (cm,) = truth._cm(np.array([metres])).tolist()
    assert cm / 100 == round(metres, 2)
