"""`badge load` as a user sees it."""

import json
import os
import re
import signal
import subprocess
import sys

import pytest

from sim.ingest.api.ingest import Rules
from sim.ingest.launch import launch_ingest
from tests.command import call, sentence
from tests.sim.load.backends import answer, backend


def test_a_rate_ends_with_its_table():
    with backend() as one:
        said = call("load", one.url, "--rate", "100/s", "--for", "0.3", "--connections", "30")
        assert len(one.requests) == 30
    assert said.code == 0
    assert re.search(r"202 +30", said.out)
    assert "99.9 %" in said.out


def test_the_figures_for_machines():
    with backend() as one:
        said = call("load", one.url, "--rate", "50/s", "--for", "0.2", "--json", "--same")
    figures = json.loads(said.out)
    assert (figures["due"], figures["answered"], figures["outcomes"]) == (10, 10, {"202": 10})
    assert set(figures["latency_ms"]) == {"50", "90", "99", "99.9", "99.99", "100", "mean"}


def test_nothing_taken_and_a_promise_not_held_are_code_1():
    with backend(lambda n, request: [answer(401, b'{"error":"no"}')]) as one:
        said = call("load", one.url, "--rate", "50/s", "--for", "0.2")
        assert said.code == 1
        assert "401 no" in said.out
        assert (
            "the server answered 401 for all: is the key right? --api-key KEY, --keys" in said.err
        )
    with backend() as one:
        words = ("load", one.url, "--rate", "50/s", "--for", "0.2", "--p99", "0.001")
        assert call(*words).code == 1


def test_a_backend_that_asks_for_keys_gives_one_to_each_badge_again_and_again():
    with launch_ingest(rules=Rules()) as server:
        key = server.ingest.new_service_keys()["provisioning"]
        for _ in range(2):
            words = ("--rate", "50/s", "--for", "0.2", "--connections", "10", "--provision", key)
            said = call("load", server.url, *words, "--json")
            assert (said.code, json.loads(said.out)["outcomes"]) == (0, {"202": 10})
    assert call("load", server.url, "--provision", key, "--api-key", "ak_x").code == 2


def test_a_search_ends_with_a_rate():
    with backend() as one:
        said = call(
            "load", one.url, "--rate", "find", "--for", "0.2", "--most", "100/s", "--p99", "60000"
        )
    assert said.code == 0
    assert "100 batches/s hold 99 %" in said.out


@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)]
)
def test_interrupted_it_ends_with_the_table(number):
    process = []

    def reply(count, request):
        if count == 20:
            process[0].send_signal(number)
        return [answer()]

    with backend(reply) as one:
        words = [sys.executable, "-m", "badge", "load", one.url, "--rate", "50/s", "--for", "3600"]
        process.append(
            subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ)
        )
        out, err = process[0].communicate(timeout=120)
    assert process[0].returncode == 130
    assert b"outcome" in out
    assert b"202" in out
    assert b"Traceback" not in err


@pytest.mark.parametrize(
    "words",
    [
        ("http://192.0.2.1",),
        ("nowhere",),
        ("http://127.0.0.1:1",),
        ("http://127.0.0.1:1", "--rate", "fast"),
        ("http://127.0.0.1:1", "--from", "nowhere.ndjson"),
        ("http://127.0.0.1:1", "--scenario", "nowhere"),
        ("http://127.0.0.1:1", "--keys", "nowhere.json"),
    ],
)
def test_a_mistake_is_one_sentence(words):
    said = call("load", *words)
    assert said.code == 2
    assert sentence(said)
