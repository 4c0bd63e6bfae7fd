from __future__ import annotations


def test_start_is_the_older_name_of_sync(desk):
    """The tutorials of note-python say start:true, and their notes went nowhere."""
    desk.ask("hub.set", product="p:q", mode="minimum")
    desk.ask("note.add", file="sensors.qo", start=True, body={"temp": 21.5})
    desk.wait(10)
    assert desk.notecard.hub.events[-1]["body"] == {"temp": 21.5}


def test_a_database_names_its_note_and_a_queue_does_not(desk):
    desk.ask("note.add", file="a.db", note="x", body={})
    assert desk.ask("note.get", file="a.db", note="x") == {"note": "x", "body": {}}


def test_the_sync_log_says_connected_when_the_card_is(desk):
    """note-cli -when-connected pops it until it says so."""
    assert "connected" not in desk.ask("note.get", file="_synclog.qi", delete=True)
    desk.online()
    assert desk.ask("note.get", file="_synclog.qi", delete=True)["connected"]


def test_a_log_of_the_host_is_in_its_own_file(desk):
    desk.ask("hub.log", text="hot", alert=True)
    assert desk.ask("file.changes")["info"] == {"_health_host.qo": {"total": 1}}


def test_a_tracker_is_needed_where_one_is_reset(desk):
    desk.ask("note.add", file="a.db", note="x", body={})
    assert "tracker" in desk.ask("note.changes", file="a.db", reset=True)["err"]


def test_a_note_as_notehub_would_route_it(desk):
    """note-c's NoteSendToRoute asks note.event and posts what comes back."""
    body = desk.ask("note.event", file="a.qo", body={"n": 1})["body"]
    assert (body["file"], body["body"]) == ("a.qo", {"n": 1})
