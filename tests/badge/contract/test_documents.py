"""Finding the documents in a stream: one, or one a line, in bounded memory."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from badge.contract import documents as module
from badge.contract.documents import Document, documents, fit, parse, parse_as
from badge.errors import InputError
from tests.strategies import json_values, unhurried


def cut(raw: bytes) -> list[tuple[int | None, bytes]]:
    return [(document.line, document.raw) for document in documents(io.BytesIO(raw))]


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"", []),
        (b" \n\r\n", []),
        (b"{}", [(None, b"{}")]),
        (b"\n[]\n\n", [(None, b"[]")]),
        (b"{}\n[]\r\n", [(1, b"{}"), (2, b"[]")]),
        (b"\n{}\n\noops\n{}", [(2, b"{}"), (4, b"oops"), (5, b"{}")]),
        (b"oops\n{}\n[]", [(1, b"oops"), (2, b"{}"), (3, b"[]")]),
        (b"\xef\xbb\xbf{}\n{}\n", [(1, b"\xef\xbb\xbf{}"), (2, b"{}")]),
        (b"[\n{}\n]\n", [(None, b"[\n{}\n]")]),
        (b"\n[\n{},\n{}\n", [(None, b"\n[\n{},\n{}")]),
        (b"oops\nworse", [(None, b"oops\nworse")]),
        (b"1\n2\n", [(None, b"1\n2")]),
        (b"\0", [(None, b"\0")]),
    ],
)
def test_the_shape_of_the_stream_decides(raw: bytes, found: list[tuple[int | None, bytes]]) -> None:
    assert cut(raw) == found


@unhurried
@given(st.lists(st.sampled_from([b"{}", b"[1]", b"oops", b"", b"[", b"]", b'"\\', b"\0"])))
def test_nothing_is_lost_or_invented(lines: list[bytes]) -> None:
    found = cut(b"\n".join(lines))
    if [line for line, _ in found] == [None]:
        assert found[0][1].split() == b"\n".join(lines).split()
    else:
        assert found == [(i, line) for i, line in enumerate(lines, 1) if line]


@unhurried
@given(st.binary(max_size=60))
def test_any_bytes_have_an_end(raw: bytes) -> None:
    assert len(cut(raw)) <= max(1, raw.count(b"\n") + 1)


def test_lines_are_read_as_they_come() -> None:
    stream = io.BytesIO(b"{}\n" * 1000)
    found = documents(stream)
    assert next(found) == Document(1, b"{}")
    assert stream.tell() == 6


@pytest.fixture
def _small_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DOCUMENT_BYTES_LIMIT", 100)


@pytest.mark.usefixtures("_small_limit")
@pytest.mark.parametrize(
    "raw",
    [
        json.dumps([1] * 100).encode(),
        json.dumps([1] * 100, indent=1).encode(),
        b"{}\n{}\n" + b" " * 200 + b"{}",
        b"x" * 300,
        b"x\n" * 300,
    ],
)
def test_a_document_over_the_limit_is_refused(raw: bytes) -> None:
    with pytest.raises(InputError, match="MiB"):
        cut(raw)


@pytest.mark.usefixtures("_small_limit")
def test_many_lines_may_be_over_the_limit_even_if_the_first_is_wrong() -> None:
    assert cut(b"{}\n" * 300) == [(i, b"{}") for i in range(1, 301)]
    after = [(i, b"[%d]" % i) for i in range(2, 300)]
    assert cut(b"oops\n" + b"\n".join(raw for _, raw in after)) == [(1, b"oops"), *after]


class Wanted(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    name: str
    at: tuple[float, float] = (0.0, 0.0)


def test_a_document_is_read_with_its_types():
    assert parse(b'{"a":[1,2.5,"\xc3\xa9",null,true]}') == {"a": [1, 2.5, "é", None, True]}
    assert parse_as(Wanted, b'{"name":"x","at":[1,2]}', "f") == Wanted(name="x", at=(1, 2))
    assert fit(Wanted, {"name": "x"}, "f") == Wanted(name="x")
    assert parse_as(list[int], b"[1,2]", "f") == [1, 2]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "it is empty"),
        (b"{", "not JSON"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b"\xff\xfe{\x00}\x00", "not JSON"),
        (b"[" * 300, "nested more than 200 levels deep, at line 1 column 202"),
        (b'["\\ud800"]', "half a surrogate pair, which is no text, at line 1 column 9"),
        (b'["\\udc00x"]', "half a surrogate pair, which is no text, at line 1 column 8"),
        (b"[NaN]", "not JSON: NaN or Infinity .*line 1 column 2"),
        (b"[-Infinity]", "not JSON: NaN or Infinity .*line 1 column 3"),
        (b"[1e400]", "0: a number beyond a 64-bit float"),
        (b'{"a":[0,{"b":-1E+400}]}', "a.1.b: a number beyond a 64-bit float"),
        (b"1e400", "it: a number beyond a 64-bit float"),
        (b"[" + b"9" * 320 + b"]", "beyond a 64-bit float"),
        (b"[" + b"9" * 5000 + b"]", "a number with too many digits at line 1"),
        (b" " * 2000, "(more than 1000 bytes|it is empty)"),
    ],
)
def test_what_is_no_document_is_refused_at_its_place(raw, words):
    with pytest.raises(InputError, match=f"^sessions.json: .*{words}"):
        parse(raw, "sessions.json", 10_000 if raw.strip() else 1000)


def test_large_numbers_that_are_text_or_fit_are_fine():
    assert parse(b'["1e999","NaN",1e308,123e-400]') == ["1e999", "NaN", 1e308, 0.0]
    assert parse(b"[" + b"9" * 300 + b"]") == [int("9" * 300)]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b'{"name":7}', "name: must be a text"),
        (b'{"name":"x","more":1}', "more: is no known key"),
        (b'{"name":"x","at":[1]}', "at.1: "),
        (b"[]", "must be an object"),
    ],
)
def test_a_document_of_another_kind_names_the_field(raw, words):
    with pytest.raises(InputError, match=f"^f: {words}"):
        parse_as(Wanted, raw, "f")


def test_no_value_is_shown_for_it_may_be_a_secret():
    with pytest.raises(InputError) as caught:
        fit(Wanted, {"name": ["ak_secret"]}, "f")
    assert "ak_secret" not in str(caught.value)


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_are_a_document_or_an_input_error(raw):
    try:
        document = parse(raw, "p")
    except InputError:
        return
    assert json.loads(raw) == document


@given(json_values)
def test_what_json_can_say_comes_through(value):
    assert parse(json.dumps(value).encode()) == value
