"""A lock holds against another opening of the same file; a system without Unix sockets says so."""

from __future__ import annotations

import os
import socket

import pytest

from badge.errors import InputError
from badge.host.systems import have_unix_sockets, lock, need_unix_sockets


def test_a_file_is_taken_once_and_free_again_when_it_is_closed(tmp_path):
    path = tmp_path / "flash"
    with path.open("wb") as first, path.open("rb") as second:
        lock(first)
        with pytest.raises(BlockingIOError):
            lock(second)
    number = os.open(path, os.O_RDWR)
    lock(number)
    with path.open("rb") as third, pytest.raises(BlockingIOError):
        lock(third)
    os.close(number)
    with path.open("rb") as fourth:
        lock(fourth)


def test_a_system_without_them_says_so(monkeypatch):
    need_unix_sockets("this", "that")
    assert have_unix_sockets()
    monkeypatch.delattr(socket, "AF_UNIX")
    with pytest.raises(InputError, match="this needs a Unix socket, which this system lacks; that"):
        need_unix_sockets("this", "that")
