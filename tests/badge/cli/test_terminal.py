"""How commands speak: 80 columns, no colour where nobody looks, and never in others' words."""

from __future__ import annotations

import io
import json
import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.cli import terminal


def test_results_go_to_stdout_and_notes_to_stderr(capsys):
    terminal.out().print("result")
    terminal.err().print("note")
    assert capsys.readouterr() == ("result\n", "note\n")


def test_a_pipe_gets_80_columns_and_no_colour(capsys):
    terminal.out().print("x " * 60, style="red")
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


@pytest.mark.parametrize("text", ["[/x]", "[red]W-1[/red]", "[link=file:x]", ":smile:", "\\[a]"])
def test_brackets_in_foreign_text_are_brackets(capsys, text):
    terminal.out().print(text)
    terminal.say(text)
    terminal.out().print(terminal.table(text, (text,), [(text,)]))
    shown = capsys.readouterr().out
    assert shown.count(text) == 5
    with terminal.err().status(text), terminal.progress() as bar:
        bar.add_task(text, total=1, word=text)


@pytest.mark.parametrize("text", ["\x1b[2J", "a\rb", "\x9b31m", "\u202eexe", "\x00", "\x7f"])
def test_foreign_text_drives_no_terminal(capsys, text):
    terminal.say(text)
    terminal.out().print(terminal.table("t", ("h",), [(text,)]))
    shown = capsys.readouterr().out
    assert shown.replace("\n", "").isprintable()
    assert shown.count("\\") == 2


@given(st.text())
def test_plain_text_is_one_that_a_terminal_only_shows(text):
    shown = terminal.plain(text)
    controls = {chr(code) for code in (*range(9), *range(11, 32), *range(127, 160))}
    assert not controls & set(shown)
    assert terminal.plain(shown) == shown


def test_a_line_is_not_broken_and_goes_where_it_is_told(capsys):
    terminal.say("x" * 200)
    terminal.say("word " * 40, err=True)
    assert capsys.readouterr() == ("x" * 200 + "\n", "word " * 40 + "\n")


def test_json_for_an_ascii_terminal_stays_json(monkeypatch):
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", errors="backslashreplace")
    monkeypatch.setattr(sys, "stdout", stream)
    terminal.print_json({"worker": "Čok"})
    stream.flush()
    assert json.loads(raw.getvalue()) == {"worker": "Čok"}


class Gone(io.StringIO):
    """A pipe whose reader has closed it."""

    def write(self, text):
        raise BrokenPipeError

    def flush(self):
        raise BrokenPipeError


def test_a_report_that_nobody_reads_any_more_is_no_error(monkeypatch):
    monkeypatch.setattr(sys, "stdout", Gone())
    terminal.out().print("lost")
    terminal.say("lost")
    terminal.print_json({})


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_how_far_it_is_and_how_long_yet_are_seen_at_any_width(monkeypatch, columns):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", str(columns))
    bar = terminal.progress()
    task = bar.add_task("simulating", total=10, word="x" * 100)
    bar.update(task, completed=5)
    with bar.console.capture() as shown:
        bar.console.print(bar.get_renderable())
    (line,) = [one for one in shown.get().splitlines() if one.strip()]
    assert len(re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", line).rstrip()) <= columns
    assert "50 %" in line
    assert ":--" in line  # the time that is left, not known yet
