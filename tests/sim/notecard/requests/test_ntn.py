from __future__ import annotations


def test_a_starnote_says_where_it_stands(desk):
    assert "{no-ntn-module}" in desk.ask("ntn.status")["err"]
    desk.notecard.attached.starnote = True
    assert desk.ask("ntn.status") == {"status": "{ntn-idle}{ntn-unknown-location}"}
    assert desk.ask("ntn.gps", on=True) == {"on": True}
    assert desk.ask("ntn.reset") == {}
    assert desk.ask("ntn.gps") == {"off": True}
