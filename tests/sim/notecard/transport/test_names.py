from __future__ import annotations

import socket

import pytest

from badge.errors import InputError
from sim.notecard.transport.names import LinkName, free_socket_name


def test_a_socket_that_nobody_answers_at_is_cleared(tmp_path):
    name = tmp_path / "s"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as living:
        living.bind(str(name))
        living.listen()
        with pytest.raises(InputError, match="somebody answers"):
            free_socket_name(name)
    free_socket_name(name)
    assert not name.exists()
    name.write_text("mine")
    with pytest.raises(InputError, match="is no socket"):
        free_socket_name(name)


def test_a_name_is_held_by_one_and_removed_only_by_its_holder(tmp_path):
    name = LinkName(tmp_path / "card")
    name.point("/dev/pts/1")
    with pytest.raises(InputError, match="a card is there already"):
        LinkName(tmp_path / "card")
    (tmp_path / "card").unlink()
    (tmp_path / "card").symlink_to("/dev/pts/2")
    name.close()
    assert (tmp_path / "card").is_symlink(), "somebody else's by now"
