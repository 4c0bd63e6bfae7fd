from __future__ import annotations

import pytest

from sim.notecard.codec.arguments import RequestError
from sim.notecard.storage.notefiles import Note, Notefile, Notefiles, check_name


def test_a_queue_forgets_what_is_sent_and_a_database_marks_it():
    files = Notefiles({})
    queue, base = files.open("a.qo"), files.open("a.db")
    for file, note_id in ((queue, "1:1"), (base, "x")):
        files.sent(file, file.put(Note(note_id)))
    assert (len(queue.notes), len(base.notes)) == (0, 1)
    base.remove(base.notes["x"])
    assert files.unsent() == [(base, base.notes["x"])]
    files.sent(base, base.notes["x"])
    assert not base.notes


def test_a_tracker_sees_each_change_once():
    file = Notefile("a.db")
    file.put(Note("x"))
    file.trackers["t"] = file.put(Note("y")).change
    assert not file.since("t")
    file.put(Note("x"))
    assert [note.note_id for note in file.since("t")] == ["x"]


def test_a_restart_loses_live_notes_and_a_loss_of_power_what_was_in_ram():
    file = Notefile("a.qo")
    for note_id, parts in (("1", {}), ("2", {"live": True}), ("3", {"cached_ms": 5})):
        file.put(Note(note_id, **parts))
    file.lose(power=False)
    assert list(file.notes) == ["1", "3"]
    file.lose(power=True)
    assert list(file.notes) == ["1"]


@pytest.mark.parametrize("name", ["", "a", "a.txt", "../a.qo", "a/b.qo", "_x.qo", "a.qo\0", "é.qo"])
def test_names_that_are_none(name):
    with pytest.raises(RequestError, match="notefile-bad-name"):
        check_name(name)
