"""Locks, names, waiting: what systems differ in is the same to whoever asks."""

from __future__ import annotations

import os
import socket
import sys

import pytest

from badge.errors import InputError
from badge.host.systems import (
    READABLE,
    WRITABLE,
    PortableReadiness,
    have_unix_sockets,
    lock,
    need_linux,
    need_unix_sockets,
    readiness,
    rename,
)


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
    with pytest.raises(InputError, match="no Unix sockets, so no this; that"):
        need_unix_sockets("this", "that")


def test_what_only_linux_can_says_so(monkeypatch):
    need_linux("this")
    monkeypatch.setitem(sys.modules, "resource", None)
    with pytest.raises(InputError, match="this needs Linux"):
        need_linux("this")


def test_a_file_keeps_its_lock_under_its_new_name(tmp_path):
    (tmp_path / "old").write_bytes(b"before")
    with (tmp_path / "new").open("wb") as held, (tmp_path / "old").open("rb") as other:
        lock(held)
        assert rename(tmp_path / "new", tmp_path / "old", held) == tmp_path / "old"
        assert not held.closed
        assert os.stat(other.fileno()).st_nlink == 0


def test_where_nothing_open_is_renamed_it_is_closed_first(tmp_path, monkeypatch):
    path, held = tmp_path / "new", (tmp_path / "new").open("wb")
    real = type(path).replace

    def windows(self, to):
        if not held.closed:
            raise PermissionError(13, "it is open", str(self))
        return real(self, to)

    monkeypatch.setattr(type(path), "replace", windows)
    assert rename(path, tmp_path / "old", held).exists()
    with pytest.raises(FileNotFoundError):
        rename(path, tmp_path / "old", None)


@pytest.mark.parametrize("make", [readiness, PortableReadiness])
def test_sockets_are_waited_for_in_the_same_words(make):
    near, far = socket.socketpair()
    ready = make()
    with near, far:
        number = near.fileno()
        ready.register(number, READABLE)
        assert ready.poll(0.0, 9) == []
        far.send(b"!")
        assert ready.poll(60.0, 9) == [(number, READABLE)]
        ready.modify(number, READABLE | WRITABLE)
        assert ready.poll(60.0, 9) == [(number, READABLE | WRITABLE)]
        near.recv(1)
        assert ready.poll(60.0, 9) == [(number, WRITABLE)]
        ready.unregister(number)
        assert ready.poll(0.0, 9) == []
    ready.close()


def test_more_sockets_than_the_system_waits_for_are_refused(monkeypatch):
    ready = PortableReadiness()

    def full(timeout):
        raise ValueError("too many file descriptors in select()")

    monkeypatch.setattr(ready._selector, "select", full)
    with pytest.raises(InputError, match="take fewer"):
        ready.poll(0.0, 9)
    ready.close()
