from __future__ import annotations

from sim.notecard.model.exchange import Place, SyncUpload
from sim.notecard.notehub.envelope import event_of, session_event, session_uid
from sim.notecard.storage.notefiles import Note

UPLOAD = SyncUpload("dev:1", "", "p:q", 3, 1_700_000_000_000, (), born="b", area="Beverly MA")


def test_what_is_empty_is_left_out():
    event = event_of(UPLOAD, "a.qo", Note("1:1", {"n": 1}), False, app="app:x", number=0)
    assert event["best_id"] == "dev:1"
    assert not {"sn", "when", "payload", "note", "where_lat", "tower_lat"} & event.keys()


def test_ids_differ_by_note_session_and_life():
    others = [
        UPLOAD,
        SyncUpload("dev:1", "", "p:q", 4, 0, (), born="b"),
        SyncUpload("dev:1", "", "p:q", 3, 0, (), born="c"),
        SyncUpload("dev:2", "", "p:q", 3, 0, (), born="b"),
    ]
    ids = [
        event_of(u, "a.qo", Note(""), False, app="x", number=n)["event"]
        for u in others
        for n in (0, 1)
    ]
    assert len(set(ids)) == 8
    assert len({session_uid(upload) for upload in others}) == 4


def test_a_session_opens_with_what_the_card_measured():
    upload = SyncUpload(
        "dev:1",
        "",
        "p:q",
        1,
        0,
        (),
        sku="NOTE-X",
        readings={"voltage": 3.9},
        tower=Place(1, 2, 3, "tower"),
    )
    event = session_event(upload, app="app:x")
    assert (event["file"], event["sku"], event["voltage"]) == ("_session.qo", "NOTE-X", 3.9)
    assert event["tower_lat"] == 1
