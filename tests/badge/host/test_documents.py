"""Files from outside: bounded, named, and never a traceback."""

from __future__ import annotations

import os

import pytest

from badge.errors import InputError
from badge.host.documents import read_file, read_json, read_lines, read_model, read_text


def written(tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    return path


def test_a_file_comes_through_whole(tmp_path):
    assert read_file(written(tmp_path, b"1234"), 4) == b"1234"
    assert read_text(written(tmp_path, "\ufeffé\r\n".encode())) == "é\r\n"
    assert read_json(written(tmp_path, b"[1]")) == [1]
    assert read_model(tuple[int, ...], written(tmp_path, b"[1]")) == (1,)


def test_a_larger_file_is_refused_before_it_is_in_memory(tmp_path):
    with pytest.raises(InputError, match=r"file: more than 4 bytes"):
        read_file(written(tmp_path, b"12345"), 4)
    with pytest.raises(InputError, match=r"^/dev/zero: more than 8,388,608 bytes"):
        read_json("/dev/zero")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_a_file(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = os.open(pipe, os.O_RDWR)
    try:
        os.write(writer, b"123")
        with pytest.raises(InputError, match="more than 2 bytes"):
            read_file(pipe, 2)
    finally:
        os.close(writer)


@pytest.mark.parametrize(
    ("content", "words"), [(b"{", "not JSON"), (b"", "it is empty"), (b"[1e999]", "64-bit")]
)
def test_what_is_wrong_is_told_with_the_file(tmp_path, content, words):
    path = written(tmp_path, content)
    for read in (read_json, lambda p: read_model(list[float], p)):
        with pytest.raises(InputError, match=words) as caught:
            read(path)
        assert str(caught.value).startswith(f"{path}: ")


def test_the_field_is_told_too(tmp_path):
    with pytest.raises(InputError, match=r"file: 1: must be a whole number"):
        read_model(list[int], written(tmp_path, b'[1,"x"]'))


def test_text_that_is_none_names_its_line(tmp_path):
    with pytest.raises(InputError, match=r"file line 3: not UTF-8"):
        read_text(written(tmp_path, b"a\nb\n\xff"))


@pytest.mark.parametrize("name", ["missing", ".", "a\0b"])
def test_a_file_that_cannot_be_read_is_named(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    for read in (read_file, lambda p: list(read_lines(p))):
        with pytest.raises((InputError, OSError, ValueError)) as caught:
            read(name)
        assert isinstance(caught.value, InputError) or caught.value.filename == name


def test_lines_have_their_places_and_blank_ones_none(tmp_path):
    path = written(tmp_path, b"\xef\xbb\xbfa\r\n\n  \nb")
    assert list(read_lines(path)) == [(f"{path} line 1", b"a"), (f"{path} line 4", b"b")]


def test_a_line_is_bounded(tmp_path):
    path = written(tmp_path, b"12\n123\n")
    lines = read_lines(path, 3)
    assert next(lines) == (f"{path} line 1", b"12")
    with pytest.raises(InputError, match=r"line 2: longer than 3 bytes"):
        next(lines)
