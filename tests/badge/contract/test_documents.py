"""Finding the documents in a stream: one, or one a line, in bounded memory."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.contract import documents as module
from badge.contract.documents import Document, documents
from badge.errors import InputError
from tests.strategies import unhurried


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
