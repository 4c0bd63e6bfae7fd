from __future__ import annotations

import json

import pytest

from tests.command import call
from tests.sim.conformance.faults import plant
from tests.sim.conformance.rig import backend


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
    assert "0 of 1 checks passed; 1 failed" in said.out


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


@pytest.mark.parametrize(
    ("words", "sentence_"),
    [
        (["http://127.0.0.1:1"], "no device can send: give --provisioning-key"),
        (["http://127.0.0.1:1", "--device", "x"], "--device: expected an id and its key"),
        (["ftp://x"], "http"),
        (["http://127.0.0.1:1", "--open"], "http://127.0.0.1:1: no connection; is the server"),
        ([], "Missing argument 'URL'"),
        (["http://127.0.0.1:1", "--open", "--only", "parcell"], "no check has that in its name"),
    ],
)
def test_a_mistake_is_one_sentence(words, sentence_):
    said = call("conform", *words)
    assert said.code == 2
    assert sentence_ in said.err
    assert "Traceback" not in said.err
