"""What people read: the seed, what is proven, what is broken."""

from __future__ import annotations

from collections import Counter

from rich.console import Console

from sim.crashtest.proof import Proof
from sim.crashtest.report import show_proof, show_siege
from sim.crashtest.siege import AbuseResult, Siege

SIEGE = Siege(
    [
        AbuseResult("200 connections at once", (202,), (202, 202, 503), 0.5),
        AbuseResult("no key", (401,), (401,), 0.1),
        AbuseResult("a connection that says nothing", (0,), (0,), 3.0),
    ],
    [41 << 20, 90 << 20],
    100 << 20,
)


def shown(show, what):
    screen = Console(width=80)
    with screen.capture() as captured:
        show(screen, what)
    return captured.get()


def proof(**changes):
    answers = Counter({"202": 70, "cut": 5, "refused": 9})
    return Proof(7, 50, 4, 3, 1, 4, 300, 301, answers, [0.5, 0.7, 0.6], 9.04, **changes)


def test_a_finished_run_says_so_with_its_figures():
    text = shown(show_proof, proof(delivered=True))
    assert "seed 7, 50 badges" in text
    assert "4 kills, nothing acknowledged is missing or there twice; everything is" in text
    assert [line.split()[-1] for line in text.splitlines() if "start, " in line] == ["0.6", "0.7"]


def test_an_interrupted_run_claims_no_more_than_it_has_seen():
    assert "twice so far." in shown(show_proof, proof())


def test_a_broken_promise_is_the_verdict():
    text = shown(show_proof, proof(broken="I1 x: y"))
    assert "BROKEN after 4 kills: I1 x: y" in text
    assert "nothing acknowledged is missing" not in text


def test_abuses_come_in_the_order_of_the_table_with_counts_and_memory():
    lines = shown(show_siege, SIEGE).splitlines()
    first, second, third = (line.split("  ")[0] for line in lines[2:5])
    assert (first, second) == ("a connection that says nothing", "no key")
    assert third == "200 connections at once"
    assert "202 x2, 503" in lines[4]
    assert lines[5] == "memory of the server, MiB: 41, 90; 100 at most (bound 256)"
    assert max(map(len, lines)) <= 80
