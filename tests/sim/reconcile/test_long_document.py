"""A document read in pieces is the document; what is none is refused as everywhere."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.errors import InputError
from badge.host.documents import read_json
from sim.reconcile import long_document
from sim.reconcile.long_document import LongObject

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=3) | st.sampled_from(
    ["files", "format"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(-1e9, 1e9) | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(NAMES, VALUES, max_size=4)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("long") / "manifest.json"


def read(path):
    found = LongObject(path, "files")
    items = list(found)
    return {**found.rest, "files": items} if found.rest.get("files") == [] else found.rest


@given(OBJECTS | VALUES, st.sampled_from([None, 1]), st.booleans())
def test_it_is_the_document_however_it_is_cut(path, small_pieces, value, indent, ascii_only):
    path.write_text(json.dumps(value, indent=indent, ensure_ascii=ascii_only), "utf-8")
    if isinstance(value, dict):
        assert read(path) == value
    else:
        with pytest.raises(InputError, match=r"manifest\.json: not JSON: .* where '{' should be"):
            read(path)


@pytest.fixture(scope="module", params=[1, 3, 1 << 18])
def small_pieces(request):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(long_document, "_PIECE", request.param)
        yield


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b'{"files": [',
        b'{"files": [1,',
        b'{"files": [1,]}',
        b'{"files": [1 2]}',
        b'{"files": [01]}',
        b'{"files": [NaN]}',
        b'{"files": [1e999]}',
        b'{"files": [tru]}',
        b'{"files": ["\\ud800"]}',
        b'{"files": ["\\ud800\\u0041"]}',
        b'{"files":\xc2\xa0[]}',
        b'{"files": ["\x01"]}',
        b'{"files": []]}',
        b'{"files": []} x',
        b'{"files": [],}',
        b'{"files" []}',
        b"{1: []}",
        b'{"a": 1 "b": 2}',
        b'{"files": ["\xff"]}',
        b'{"files": [' + b"[" * 3000,
        b'{"a": ' + b"9" * 5000 + b"}",
    ],
)
def test_what_no_reader_takes_it_does_not_take(path, small_pieces, text):
    path.write_bytes(text)
    with pytest.raises(InputError, match=r"manifest\.json: ") as ours:
        read(path)
    assert len(str(ours.value)) < 400
    with pytest.raises(InputError):
        read_json(path)


def test_a_name_that_is_there_twice_and_what_is_too_long(path):
    path.write_text('{"files": [1], "files": [2]}')
    with pytest.raises(InputError, match="'files' is no name, or there twice"):
        read(path)
    path.write_text(json.dumps({"files": ["x" * 2000, "y"]}))
    with pytest.raises(InputError, match="more than 1000 bytes"):
        list(LongObject(path, "files", 1000))
    path.write_text(json.dumps({"files": ["x" * 900] * 100}))  # each may be as long
    assert len(list(LongObject(path, "files", 1000))) == 100


def test_a_file_that_is_not_there(path):
    path.unlink(missing_ok=True)
    with pytest.raises(FileNotFoundError):
        read(path)
