from __future__ import annotations


def test_clearing_is_for_what_goes_out(desk):
    desk.ask("note.add", file="a.qo", body={})
    desk.ask("note.add", file="a.db", note="x", body={})
    assert desk.ask("file.clear", file="a.qo") == {}
    assert "{incompatible}" in desk.ask("file.clear", file="a.db")["err"]
    assert desk.ask("file.delete", files=["a.db", "none.db"]) == {}
    assert desk.ask("file.stats") == {}
