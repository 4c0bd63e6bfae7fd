from __future__ import annotations

import json

import pytest

from tests.command import call
from tests.sim.conformance.faults import plant
from tests.sim.conformance.rig import backend
from tests.sim.conformance.webhooks.faults import FAULTS
from tests.sim.conformance.webhooks.rig import receiver


def conform(right, *words):
    keys = ("--provisioning-key", right.provisioning_key, "--admin-key", right.admin_key)
    return call("conform", right.url, *keys, *words)


def test_a_right_backend_is_0_and_its_files_are_written(tmp_path):
    with backend() as right:
        said = conform(
            *(right, "--only", "parcel", "--json"),
            *("--junit", tmp_path / "r.xml", "--svg", tmp_path / "r.svg"),
        )
    assert said.code == 0
    assert json.loads(said.out)["passed"] == 3
    assert (tmp_path / "r.xml").exists()
    assert "3/3 checks" in (tmp_path / "r.svg").read_text()


def test_a_wrong_one_is_1_and_says_how_to_repeat_it(monkeypatch):
    plant("200 for 202", monkeypatch)
    with backend() as wrong:
        said = conform(wrong, "--only", "one event")
    assert said.code == 1
    assert "FAILED" in said.out
    assert "curl -i -X POST" in said.out
    assert "0 of 1 check passed; 1 failed" in said.out


def test_what_only_should_be_does_not_fail_a_must(monkeypatch):
    plant("413 with another sentence", monkeypatch)
    with backend() as wrong:
        words = ("--only", "how many events are too many")
        assert conform(wrong, *words).code == 1
        assert conform(wrong, *words, "--level", "must").code == 0


def test_the_list_names_each_check_and_its_clause():
    said = call("conform", "--list")
    assert said.code == 0
    assert "accepts one event" in said.out
    assert len(json.loads(call("conform", "--list", "--json").out)) > 100


def test_a_receiver_of_webhooks_is_asked_by_the_name_of_its_platform(tmp_path):
    with receiver("peridio", tmp_path) as right:
        said = call(
            *("conform", "peridio", right.url, "--secret", right.secrets[0], "--json"),
            *("--only", "stale", "--only", "minutes ago", "--only", "one event"),
            *("--taken", tmp_path / "taken.ndjson"),
        )
    assert said.code == 2
    assert "'stale': no check has that in its name" in said.err
    with receiver("peridio", tmp_path) as right:
        words = ("--only", "minutes ago", "--only", "one event", "--json")
        own = ("conform", "peridio", right.url, "--secret", right.secrets[0])
        good = call(*own, *words, "--taken", tmp_path / "taken.ndjson")
        other = call(*own[:-1], "00" * 16, *words)
    assert (good.code, json.loads(good.out)["passed"]) == (0, 7)
    assert (other.code, json.loads(other.out)["failed"]) == (1, 2)


def test_another_reading_of_the_signature_is_named(tmp_path):
    planted = FAULTS["peridio"]["another reading of the signature"]
    with receiver("peridio", tmp_path, planted) as wrong:
        said = call(
            *("conform", "peridio", wrong.url, "--secret", wrong.secrets[0], "--only", "one event")
        )
    assert "it takes --scheme ascii_key: is that the right one?" in said.out


def test_the_list_of_a_platform_is_its_own():
    names = {
        name: [c["name"] for c in json.loads(call("conform", name, "--list", "--json").out)]
        for name in ("blecon", "grouplink", "peridio")
    }
    assert all(len(listed) > 30 for listed in names.values())
    assert "accepts fifty events in a batch" in names["blecon"]
    assert "accepts fifty events in a batch" not in names["peridio"]


@pytest.mark.parametrize(
    ("words", "sentence_"),
    [
        (["http://127.0.0.1:1"], "no device can send: give --provisioning-key"),
        (["http://127.0.0.1:1", "--device", "x"], "--device: expected an id and its key"),
        (["ftp://x"], "http"),
        (["http://127.0.0.1:1", "--open"], "http://127.0.0.1:1: no connection; is the server"),
        ([], "Missing argument 'URL'"),
        (["http://127.0.0.1:1", "--open", "--secret", "x"], "--secret is for a webhook"),
        (["peridio", "http://127.0.0.1:1", "--open"], "--open is for an ingest"),
        (["peridio"], "Missing argument 'URL'"),
        (["peridio", "http://127.0.0.1:1", "x"], "Expected a URL"),
        (["peridio", "http://127.0.0.1:1", "--secret", "x"], "32 hex digits"),
        (["http://127.0.0.1:1", "--open", "--only", "parcell"], "no check has that in its name"),
    ],
)
def test_a_mistake_is_one_sentence(words, sentence_):
    said = call("conform", *words)
    assert said.code == 2
    assert sentence_ in said.err
    assert "Traceback" not in said.err
