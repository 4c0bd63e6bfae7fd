from collections import Counter
from pathlib import Path

import click
import pytest

from sim.fleet.job import Job
from sim.fleet.output.parts import BadgeResult
from sim.fleet.parallel import Finished
from sim.fleet.report import _limits, figures_of, refused, report
from sim.fleet.run import Ended, run_document
from sim.fleet.webhooks.open import NoWebhooks
from tests.sim.fleet.story import parameters, source


def job(speed=None):
    return Job(source(), parameters(source()), Path(), speed)


def finished(**changes):
    uploads = Counter(uploads=3, retries=1, late_answers=2)
    one = BadgeResult(0, "ACT-00000001", uploads=uploads, fates=Counter(delivered=5))
    figures = {"answers": 4, "waited_s": 8.0, "slowest_s": 3.0, "behind_s": 2.5}
    return Finished([one], figures, **changes)


def document(**changes):
    result = finished().results[0]
    tables = {name: [] for name in ("shifts", "visits", "sessions", "presence")}
    whole = BadgeResult(0, result.device_id, result.events, result.fates, result.uploads, tables)
    return run_document(job(), [whole], whole=True)


def ended(speed, path=Path("run"), **changes):
    return Ended(job(speed), finished(**changes), path, document(), 2.0, NoWebhooks())


def test_the_figures_say_what_the_server_took_and_how_late_it_all_was():
    figures = figures_of(ended(60.0))
    assert (figures["answer_mean_ms"], figures["answer_slowest_ms"]) == (2000.0, 3000)
    assert (figures["behind_s"], figures["speed"], figures["folder"]) == (2.5, 60.0, "run")
    assert figures["uploads"] == {"late_answers": 2, "retries": 1, "uploads": 3}


def test_who_limits_is_told_and_by_how_much():
    figures = figures_of(ended(60.0))
    generator, server = _limits(job(60.0), figures)
    assert generator == "60x was not held: 2.5 s behind; the generator limits"
    assert "takes 120 s of a badge's time (connecting alone 0 ms of 2000)" in server
    assert server.endswith("the server limits")
    far = {**figures, "connect_mean_ms": 1500.0}
    assert _limits(job(60.0), far)[1].endswith("the network limits")
    assert _limits(job(), {"uploads": {}}) == []


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [({"trouble": "x: no answer for 9 s"}, 1, "x: no answer"), ({"interrupted": True}, 130, "sto")],
)
def test_a_run_that_was_cut_short_says_how_to_go_on(tmp_path, capsys, changes, code, words):
    run = ended(None, tmp_path, **changes)
    with pytest.raises(click.exceptions.Exit) as caught:
        report(run, figures_of(run), tmp_path / "s.json", as_json=True)
    assert caught.value.exit_code == code
    said = capsys.readouterr().err
    assert said.startswith(words)
    assert f"badge simulate --resume {tmp_path} goes on" in said
    assert (tmp_path / "s.json").exists()


@pytest.mark.parametrize(
    ("status", "says"),
    [("401", "is the key right?"), ("302", "it sends elsewhere"), ("200", "the contract says 202")],
)
def test_a_server_that_took_nothing_is_told_with_what_to_do(status, says):
    said = refused({"answers": {status: 3, "none": 1}, "delivered": 0, "events": 9})
    assert said.startswith(f"nothing was delivered: the server answered {status} for all: ")
    assert says in said
