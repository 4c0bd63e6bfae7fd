from __future__ import annotations


def test_a_variable_is_a_note_of_a_database(desk):
    desk.ask("var.set", name="status", text="open")
    assert desk.ask("note.get", file="vars.db", note="status")["body"] == {"text": "open"}
    desk.ask("var.set", name="status", value=5, file="vars.db")
    assert desk.ask("var.get", name="status") == {"value": 5}
    desk.ask("var.delete", name="status")
    assert "{note-noexist}" in desk.ask("var.get", name="status")["err"]
    assert "err" in desk.ask("var.set", name="x", flag=True, file="a.qo")
