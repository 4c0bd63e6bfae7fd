"""Lines of this program as columns: what C reads is what a reader of JSON reads, or it says no."""

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import from_json, to_json

from sim.compiled.lines import LINE, PAYLOAD, is_utf8, read_lines
from tests.sim.compiled.rig import library

pa = pytest.importorskip("pyarrow", reason="needs the extra [test]")
NEAR = pa.list_(pa.struct([("tag_mac", pa.string()), ("distance_m", pa.float64())]))
FIELDS = [
    (pa.field("device_id", pa.string()), LINE),
    (pa.field("at", pa.timestamp("ms", tz="UTC")), LINE),
    (pa.field("delivered", pa.bool_()), LINE),
    (pa.field("near", NEAR), LINE),
    (pa.field("lat", pa.float64()), PAYLOAD),
    (pa.field("count", pa.int64()), PAYLOAD),
    (pa.field("reason", pa.string()), PAYLOAD),
]
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('"\\\n\t{}[],:'))
WHOLE = st.integers(100, 180_000_000)  # below, a power of ten stands behind the digits
DEGREES = st.just(0.0) | st.tuples(WHOLE, st.sampled_from([1e6, -1e6])).map(
    lambda of: of[0] / of[1]
)
PAYLOADS = st.fixed_dictionaries(
    {},
    optional={
        "lat": st.none() | DEGREES,
        "other": st.lists(TEXT) | st.dictionaries(TEXT, st.none()) | DEGREES | st.booleans(),
        "count": st.none() | st.integers(-(10**17), 10**17),
        "reason": st.none() | TEXT,
    },
)
NEARS = st.lists(
    st.fixed_dictionaries(
        {"tag_mac": TEXT, "distance_m": st.integers(0, 9999).map(lambda cm: cm / 100)}
    ),
    max_size=3,
)
MOMENTS = st.datetimes(min_value=datetime(1970, 1, 1))
ROWS = st.fixed_dictionaries(
    {
        "device_id": TEXT,
        "at": st.none() | MOMENTS.map(lambda moment: f"{moment:%Y-%m-%dT%H:%M:%SZ}"),
        "payload": PAYLOADS,
        "near": NEARS,
        "delivered": st.booleans(),
    }
)


def read(lines):
    found = read_lines(library(), pa, lines, FIELDS)
    names = [field.name for field, _ in FIELDS]
    return None if found is None else dict(zip(names, found, strict=True))


def arrow(rows):
    """The same rows as Arrow makes columns of them."""
    columns = {
        field.name: [(row["payload"] if level == PAYLOAD else row).get(field.name) for row in rows]
        for field, level in FIELDS
    }
    columns["at"] = pa.array(columns["at"], pa.string()).cast(FIELDS[1][0].type)
    return {field.name: pa.array(columns[field.name], field.type) for field, _ in FIELDS}


@given(st.lists(ROWS, max_size=5), st.booleans())
def test_what_is_read_is_what_is_written(rows, as_text):
    told = [{**r, "payload": to_json(r["payload"]).decode()} if as_text else r for r in rows]
    lines = b"".join(to_json(row) + b"\n" for row in told)
    found = read(lines)
    wanted = arrow(rows)
    for name, column in wanted.items():
        found[name].validate(full=True)
        assert found[name].equals(column) or found[name].to_pylist() == column.to_pylist(), name


ROW = {"device_id": "A", "at": "2026-03-16T06:50:00Z", "payload": {"lat": 1.5}, "delivered": True}


@pytest.mark.parametrize(
    "row",
    [
        {**ROW, "device_id": 5},
        {**ROW, "at": "2026-03-16 06:50:00"},
        {**ROW, "at": "2026-03-16T06:50:00.5Z"},
        {**ROW, "at": "2026-13-16T06:50:00Z"},
        {**ROW, "at": "2026-02-29T06:50:00Z"},
        {**ROW, "at": "2026-04-31T06:50:00Z"},
        {**ROW, "at": "2026-09-00T06:50:00Z"},
        {**ROW, "at": "2026-03-16T24:00:00Z"},
        {**ROW, "at": "2026-03-16T06:60:00Z"},
        {**ROW, "at": "2026-03-16T23:59:60Z"},
        {**ROW, "delivered": "yes"},
        {**ROW, "near": {}},
        {**ROW, "payload": {"lat": 1e-7}},
        {**ROW, "payload": {"lat": -0.0}},
        {**ROW, "payload": {"lat": 0.12345678901234567}},
        {**ROW, "payload": {"count": 1.5}},
        {**ROW, "payload": {"reason": "\u0001"}},
        {**ROW, "payload": "{"},
        {**ROW, "payload": "{} "},
        {**ROW, "payload": "x" * 70_000},
        {**ROW, "payload": [1]},
    ],
)
def test_what_is_not_as_expected_is_left_to_another_reader(row):
    assert read(to_json(ROW) + b"\n") is not None
    assert read(to_json(row) + b"\n") is None


@pytest.mark.parametrize("number", [b"1.", b".5", b"01", b"-01.5", b"-.5", b"00", b"1e3", b"-"])
def test_what_is_no_number_of_json_is_left_to_another_reader(number):
    row = to_json({**ROW, "payload": {"lat": 7.25}}) + b"\n"
    assert read(row) is not None
    assert read(row.replace(b"7.25", number)) is None


SKIPPED = [
    *(b"", b"1.", b"01", b"1e3", b"nul", b"tru", b"nulll", b"nulltrue", b"'a'", b"A", b"-", b" 1"),
    *(b'"\\x"', b'"\\u0041"', b"[", b"]", b"[1,]", b"[,1]", b"[1 ]", b"[1}", b"[[1]"),
    *(
        b"{",
        b'{"a"}',
        b'{"a":}',
        b'{"a":1,}',
        b"{1:2}",
        b'{"a":1]',
        b'{"a":[1}]',
        b"[" * 40 + b"]" * 40,
    ),
]


@pytest.mark.parametrize("value", SKIPPED)
@pytest.mark.parametrize("form", [b'{"else":%b,"device_id":"A"}\n', b'{"payload":{"else":%b}}\n'])
def test_what_nobody_asked_for_is_a_value_of_json_or_is_left_to_another_reader(form, value):
    for one in (b"1.5", b"null", b'["\\n",{"a":[{}]}]', b"[]", b"[" * 30 + b"]" * 30):
        assert read(form % one) is not None
    assert read(form % value) is None


@pytest.mark.parametrize(
    "line",
    [b'{"device_id":"A","device_id":"B"}\n', b'{"payload":{"lat":1.5},"payload":{"lat":2.5}}\n'],
)
def test_a_name_that_comes_twice_is_left_to_another_reader(line):
    assert read(line) is None


def test_a_name_with_a_backslash_is_left_to_another_reader():
    assert read(b'{"device\\u005fid":"A"}\n') is None


@st.composite
def spoilt(draw):
    """Lines with a few bytes of them lost, changed, or come again."""
    lines = b"".join(to_json(row) + b"\n" for row in draw(st.lists(ROWS, min_size=1, max_size=2)))
    for _ in range(draw(st.integers(1, 3))):
        first = draw(st.integers(0, len(lines) - 1))
        last = min(first + draw(st.integers(0, 12)), len(lines))
        piece = draw(
            st.just(b"") | st.sampled_from([*b'{}[]",:\\0-.e \n']).map(lambda n: bytes([n]))
        )
        again = lines[first:last] if draw(st.booleans()) else b""
        lines = lines[:first] + again + piece + lines[last:]
    return lines


@settings(max_examples=300)
@given(spoilt())
def test_of_spoilt_lines_it_reads_what_they_say_or_nothing(lines):
    found = read(lines)
    if found is None:
        return
    rows = [from_json(line, allow_inf_nan=False) for line in lines.splitlines()]
    for row in rows:
        told = row.setdefault("payload", {})
        row["payload"] = from_json(told) if isinstance(told, str) else told
    for name, column in arrow(rows).items():
        assert found[name].to_pylist() == column.to_pylist(), name


NO_UTF8 = {
    "no byte of UTF-8": b"\xff",
    "a continuation alone": b"\x80",
    "a slash in two bytes": b"\xc0\xaf",
    "a NUL in two bytes": b"\xc0\x80",
    "an overlong euro": b"\xf0\x82\x82\xac",
    "half a pair": b"\xed\xa0\x80",
    "a pair in six bytes": b"\xed\xa0\xbd\xed\xb8\x80",
    "beyond the last plane": b"\xf4\x90\x80\x80",
    "one byte of two": b"\xc3",
    "two bytes of three": b"\xe2\x82",
    "three bytes of four": b"\xf0\x9f\x98",
}
PLACES = [b'"device_id":"A"', b'"reason":"A"', b'"elsewhere":"A"', b'"A":1']


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("letters", [*NO_UTF8.values(), b"\x01", b"\x00", b"\t", b"\r"])
def test_what_is_no_text_of_json_is_left_to_another_reader(letters, place):
    row = b'{"payload":{%b}}\n' % place if b"reason" in place else b"{%b}\n" % place
    assert read(row) is not None
    assert read(row.replace(b"A", "Ä€😀".encode())) is not None
    assert read(row.replace(b"A", letters)) is None
    assert read(row.replace(b"A", b"a" + letters + b"b")) is None


@given(st.binary(max_size=8) | TEXT.map(str.encode) | st.sampled_from([*NO_UTF8.values()]))
def test_utf8_is_what_the_decoder_takes(letters):
    try:
        letters.decode()
    except UnicodeDecodeError:
        assert not is_utf8(letters)
    else:
        assert is_utf8(letters)


@pytest.mark.parametrize("lines", [b"{", b"{}", b"{}\n{", b"\n", b'{"a', b'{"a":"\\', b"null\n"])
def test_half_a_line_is_none(lines):
    assert read(lines) is None


def test_no_line_at_all_has_all_columns():
    assert {name: len(column) for name, column in read(b"").items()} == {
        field.name: 0 for field, _ in FIELDS
    }
