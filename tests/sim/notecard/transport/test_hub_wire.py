from __future__ import annotations

import pytest
from pydantic import ValidationError

from sim.notecard.model.exchange import Place, SyncUpload, WebCall, WebReply
from sim.notecard.storage.notefiles import Note
from sim.notecard.transport.hub_wire import FROM_CARD, FROM_HUB, ExchangeAsk, WebAsk, WebSaid, line


def test_what_goes_over_comes_out_the_same():
    notes = [("a.qo", Note("1:1", {"n": 1}, live=True), True)]
    upload = SyncUpload("dev:1", "sn", "p:q", 1, 5, notes, tower=Place(1.0, 2.0, 3, "tower"))
    there = FROM_CARD.validate_json(line(ExchangeAsk(upload=upload)))
    assert (there.upload.device, there.upload.tower) == ("dev:1", upload.tower)
    assert there.upload.notes[0][1].body == {"n": 1}
    call = WebCall("in", "POST", "f", b"\x00\xff\n", "a/b", 1.0, total=5)
    assert FROM_CARD.validate_json(line(WebAsk.of(7, call))).made() == call
    reply = WebReply(200, b"\xff", "a/b")
    assert FROM_HUB.validate_json(line(WebSaid.of(7, reply))).made() == reply


@pytest.mark.parametrize("call", [{}, {"route": "in"}, {"route": 5, "method": "POST"}, {"x": 1}])
def test_a_call_that_is_none_is_refused_when_it_is_read(call):
    ask = WebAsk.model_construct(number=7, call=call, body=b"")
    with pytest.raises(ValidationError):
        FROM_CARD.validate_json(line(ask))
