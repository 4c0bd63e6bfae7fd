from __future__ import annotations


def test_a_number_of_any_length_is_refused_and_the_card_lives(desk):
    for digits in (19, 309, 401, 5000):
        line = b'{"req":"note.template","file":"t.qo","body":{"a":1%s}}\n' % (b"0" * digits)
        assert b'"err"' in desk.send(line)
    assert desk.ask("note.template", file="t.qo", body={"a": 14})["bytes"] == 34


def test_only_what_goes_out_has_a_template(desk):
    assert "err" in desk.ask("note.template", file="a.db", body={"a": 14})
    assert "err" in desk.ask("note.template", file="a.qo", body={"a": 14}, port=101)
