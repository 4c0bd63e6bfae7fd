import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.view.model.columns import columns_of, joined, packed, rows_of, taken

FIELDS = {"t_ms": "<f8", "kind": "<u1", "tag": "<i2"}
ROWS = st.lists(
    st.tuples(
        st.floats(0, 1e15, allow_nan=False), st.integers(0, 255), st.integers(-(2**15), 2**15 - 1)
    )
)


@settings(deadline=None)
@given(ROWS, ROWS)
def test_what_is_packed_is_read_again_byte_for_byte_and_begins_at_multiples_of_8(one, other):
    tables = {"one": columns_of(one, FIELDS), "other": columns_of(other, FIELDS)}
    layout, content = packed(tables)
    for table, columns in layout.items():
        for name, (kind, offset, size) in columns.items():
            assert offset % 8 == 0
            read = np.frombuffer(content, dtype=kind, count=size, offset=offset)
            assert (read == tables[table][name]).all()


@settings(deadline=None)
@given(ROWS, ROWS)
def test_joined_rows_are_those_of_both_and_taken_ones_in_the_order_asked(one, other):
    both = joined([columns_of(one, FIELDS), columns_of(other, FIELDS)], FIELDS)
    assert rows_of(both) == len(one) + len(other)
    turned = taken(both, np.arange(rows_of(both))[::-1])
    assert turned["tag"].tolist() == [row[2] for row in [*one, *other]][::-1]
