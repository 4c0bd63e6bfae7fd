from __future__ import annotations

import socket

import pytest

from badge.errors import InputError
from sim.notecard.model.exchange import HubGoneError, SyncUpload, WebCall
from sim.notecard.transport.hub_link import HubLink


@pytest.fixture
def mute(tmp_path):
    """A Notehub that takes a card and never says a word."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(tmp_path / "hub"))
        server.listen()
        yield tmp_path / "hub"


def test_a_hub_that_hangs_up_ends_what_waits_for_it(mute):
    link, replies = HubLink(mute), []
    link.web("dev:1", WebCall("in", "GET", "", b"", "", 1.0), replies.append)
    link.close()
    mute.unlink()
    with pytest.raises(HubGoneError):
        link.exchange(SyncUpload("dev:1", "", "", 1, 0, ()))
    link.web("dev:1", WebCall("in", "GET", "", b"", "", 1.0), replies.append)
    assert all("{hub-not-connected}" in reply.refusal for reply in replies)
    assert replies


def test_a_call_that_the_listener_gave_up_first_is_answered_once(mute):
    class Late(HubLink):
        def _send(self, message):
            self._give_up(self._number)  # the listener saw the end before the sender did
            return False

    link, replies = Late(mute), []
    link.web("dev:1", WebCall("in", "GET", "", b"", "", 1.0), replies.append)
    assert ["{hub-not-connected}" in reply.refusal for reply in replies] == [True]


def test_what_is_asked_after_a_lost_connection_is_not_given_up_with_it(mute):
    link, replies = HubLink(mute), []
    for _ in range(2):
        link.web("dev:1", WebCall("in", "GET", "", b"", "", 1.0), replies.append)
    link._give_up(1)
    assert len(replies) == 1


def test_where_no_hub_is_it_says_how_to_start_one(tmp_path):
    with pytest.raises(InputError, match="badge notehub"):
        HubLink(tmp_path / "none")
