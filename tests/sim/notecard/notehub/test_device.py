from __future__ import annotations

import pytest

from sim.notecard.codec.arguments import RequestError
from sim.notecard.model.exchange import Inbound
from sim.notecard.notehub.device import INBOUND_MAX, HubDevice
from sim.notecard.storage.notefiles import Note


def test_a_card_that_lost_its_files_gets_its_databases_back():
    device = HubDevice("dev:1", 0)
    device.keep("a.db", Note("x", {"v": 1}))
    device.keep("a.db", Note("y", {"v": 2}))
    device.keep("a.db", Note("y", deleted=True))
    device.queue(Inbound("data.qi", {"go": 1}))
    assert [one.file for one in device.take(afresh=True)] == ["a.db", "data.qi"]
    assert device.take(afresh=False) == []


def test_what_cannot_go_inbound():
    device = HubDevice("dev:1", 0)
    for inbound in (Inbound("a.qo"), Inbound("a.db"), Inbound("a.qi", note_id="x"), Inbound("x")):
        with pytest.raises(RequestError):
            device.queue(inbound)
    device.inbound = [Inbound("a.qi")] * INBOUND_MAX
    with pytest.raises(RequestError, match="note-max"):
        device.queue(Inbound("a.qi"))
