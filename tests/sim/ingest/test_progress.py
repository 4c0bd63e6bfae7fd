"""What the terminal shows: news as lines, a table on a terminal, the end always."""

from __future__ import annotations

import json
import re
import sys

import pytest

from sim.ingest.api.answers import Answer, Verdicts, problem, unauthorized
from sim.ingest.http.traffic import Traffic
from sim.ingest.progress import LIVE_PERIOD_S, progress

ANSWER = Answer(207, {}, tally=Verdicts(accepted=45, duplicates=3, rejected=2, conflicts=1))
FIGURES = {"requests": 1, "accepted": 45, "duplicates": 3, "rejected": 2, "conflicts": 1}
LINE = "requests 1  accepted 45  duplicates 3  rejected 2  conflicts 1\n"


def test_a_line_comes_with_news_and_at_the_end(capsys):
    traffic = Traffic()
    with progress(traffic, quiet=False, as_json=False) as (show, _):
        show()
        assert capsys.readouterr() == ("", "")
        traffic.count(ANSWER)
        show()
        show()
        assert capsys.readouterr() == ("", LINE)
    assert capsys.readouterr() == ("", LINE)


def test_json_lines_go_to_stderr_also_when_interrupted(capsys):
    traffic = Traffic()
    traffic.count(ANSWER)
    with pytest.raises(KeyboardInterrupt), progress(traffic, quiet=False, as_json=True):
        raise KeyboardInterrupt
    out, err = capsys.readouterr()
    assert (out, json.loads(err)) == ("", FIGURES)


def test_quiet_shows_nothing(capsys):
    traffic = Traffic()
    with progress(traffic, quiet=True, as_json=False) as (show, _):
        traffic.count(ANSWER)
        show()
    assert capsys.readouterr() == ("", "")


def test_a_terminal_gets_a_table_that_fits(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    traffic = Traffic()
    with progress(traffic, quiet=False, as_json=False) as (show, period_s):
        traffic.count(ANSWER)
        show()
        assert period_s == LIVE_PERIOD_S
    table = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", capsys.readouterr().err)
    assert "duplicates" in table
    assert "45" in table
    assert max(map(len, table.splitlines())) <= 80


def test_a_refusal_is_told_once_before_the_counters(capsys):
    traffic = Traffic()
    with progress(traffic, quiet=False, as_json=True) as (show, _):
        traffic.count(unauthorized())
        show()
        show()
        out, err = capsys.readouterr()
    told, figures = err.splitlines()
    assert told.startswith("first 401: ")
    assert json.loads(figures)["requests"] == 1
    assert out == ""


def test_a_mistaken_path_is_told_though_it_is_no_request_of_the_api(capsys):
    traffic = Traffic()
    with progress(traffic, quiet=False, as_json=False) as (show, _):
        traffic.note(problem(404, "not_found", "Not Found: POST /events"))
        show()
        assert (
            capsys.readouterr().err
            == "first 404: Not Found: POST /events (is the path /api/events?)\n"
        )


def test_at_the_end_it_says_why_it_refused(capsys):
    traffic = Traffic()
    traffic.refusals.note(unauthorized(), b"", "ak_3F8A21B4_x", "2026-03-14T08:32:15Z")
    for as_json in (False, True):
        with progress(traffic, quiet=False, as_json=as_json):
            pass
    said = capsys.readouterr()
    assert said.out == ""
    assert "refused 1 (401): Invalid or missing API key: ACT-3F8A21B4 1\n" in said.err
    (row,) = json.loads(said.err.splitlines()[-2])["refused"]
    assert (row["device"], row["count"]) == ("ACT-3F8A21B4", 1)
