"""How commands speak: 80 columns and no colour where nobody looks."""

from __future__ import annotations

import json

from badge.cli import terminal


def test_results_go_to_stdout_and_notes_to_stderr(capsys):
    terminal.out().print("result")
    terminal.err().print("note")
    assert capsys.readouterr() == ("result\n", "note\n")


def test_a_pipe_gets_80_columns_and_no_colour(capsys):
    terminal.out().print("[red]" + "x " * 60)
    text = capsys.readouterr().out
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 80


def test_numbers_are_set_flush_right_and_words_flush_left(capsys):
    rows = [("gps", "7"), ("ble_lost", "1,234")]
    terminal.out().print(terminal.table("what was logged", ("event", "count"), rows))
    title, *lines = (line.rstrip() for line in capsys.readouterr().out.splitlines())
    words = [line.split() for line in lines]
    assert title == "what was logged"
    assert words == [["event", "count"], ["gps", "7"], ["ble_lost", "1,234"]]
    assert len({len(line) for line in lines}) == 1
    assert all(line.startswith(left) for line, (left, _) in zip(lines, words, strict=True))


def test_an_empty_table_is_its_headings(capsys):
    terminal.out().print(terminal.table("nothing", ("event",), []))
    assert capsys.readouterr().out.split() == ["nothing", "event"]


def test_json_is_one_line_for_machines(capsys):
    terminal.print_json({"events": 7, "path": "čć"})
    text = capsys.readouterr().out
    assert text == '{"events":7,"path":"čć"}\n'
    assert json.loads(text) == {"events": 7, "path": "čć"}


def test_progress_is_silent_where_it_is_no_terminal(capsys):
    with terminal.progress() as bar:
        task = bar.add_task("driving", total=2, word="")
        bar.update(task, completed=1)
    assert capsys.readouterr() == ("", "")
