"""Settings: from where they come, which goes first, and what is wrong with a file that has them."""

from __future__ import annotations

import json

import click
import pytest

from badge.cli import settings
from badge.errors import InputError
from tests.command import call, sentence


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for one in settings.SETTINGS:
        monkeypatch.delenv(one.variable, raising=False)
    monkeypatch.delenv(settings.ENVIRONMENT, raising=False)
    return tmp_path


def seed_of(*words):
    said = call("simulate", "quiet-day", "--hours", "0.02", "--jobs", "1", "--json", *words)
    assert said.code == 0, said.err
    return json.loads(said.out)["seed"]


def test_the_first_that_says_something_counts(alone, monkeypatch):
    (alone / "pyproject.toml").write_text("[tool.badge]\nseed = 1\n")
    assert seed_of("--out", "a") == 1
    (alone / "badge.toml").write_text("seed = 2\n")
    assert seed_of("--out", "b") == 2
    (alone / "badge.toml").write_text("seed = 2\n[simulate]\nseed = 3\n")
    assert seed_of("--out", "c") == 3
    monkeypatch.setenv("BADGE_SEED", "4")
    assert seed_of("--out", "d") == 4
    assert seed_of("--out", "e", "--seed", "5") == 5


def test_the_nearest_folder_counts_and_another_may_be_named(alone, monkeypatch):
    inner = alone / "a" / "b"
    inner.mkdir(parents=True)
    (alone / "badge.toml").write_text("seed = 6\n")
    (inner / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    monkeypatch.chdir(inner)
    assert settings.here().everywhere == {"seed": 6}
    monkeypatch.setenv(settings.ENVIRONMENT, "")
    assert settings.here() is settings.NO_FILE
    (alone / "other.toml").write_text("seed = 7\n")
    monkeypatch.setenv(settings.ENVIRONMENT, str(alone / "other.toml"))
    assert settings.here().everywhere == {"seed": 7}


def test_config_shows_each_with_its_origin_and_hides_keys(alone, monkeypatch):
    (alone / "badge.toml").write_text('seed = 2\n[simulate]\nspeed = "60x"\napi-key = "ak_1"\n')
    monkeypatch.setenv("BADGE_API_KEY", "ak_3F8A21B4_secret")
    monkeypatch.setenv("BADGE_TO", "http://127.0.0.1:8080")
    told = json.loads(call("config", "--json").out)
    file = str(alone / "badge.toml")
    assert told["seed"] == {"value": "2", "from": file}
    assert told["to"] == {"value": "http://127.0.0.1:8080", "from": "BADGE_TO"}
    assert told["api-key"] == {"value": "(hidden)", "from": "BADGE_API_KEY"}
    assert told["simulate speed"] == {"value": "60x", "from": file}
    assert told["simulate api-key"] == {"value": "(hidden)", "from": file}
    assert told["scenario"]["from"] == "not set"
    assert "secret" not in call("config").out


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("seed = ", "badge.toml: not TOML"),
        ("sead = 1", "sead: there is no such setting; there are scenario, seed"),
        ("[simulate]\nsede = 1", "[simulate] sede: badge simulate has no such option"),
        ("[scenario]\ncheck = 1", "scenario check: a table belongs here"),
    ],
)
def test_what_is_wrong_is_one_sentence_with_its_place(alone, text, words):
    (alone / "badge.toml").write_text(text)
    command = ("scenario", "check", "quiet-day") if "check" in text else ("simulate", "quiet-day")
    assert words in sentence(call(*command))


def test_a_value_that_does_not_fit_is_a_usage_error(alone):
    (alone / "badge.toml").write_text('seed = "blue"\n')
    said = call("simulate", "quiet-day")
    assert (said.code, "'blue': write a whole number" in said.err) == (2, True)


def test_a_scenario_may_come_from_outside(alone, monkeypatch):
    monkeypatch.setenv("BADGE_SCENARIO", "quiet-day")
    assert "quiet" in call("power").out.lower()


def test_a_flag_and_a_list_are_taken_as_they_are(alone):
    @click.command()
    @click.option("--split", is_flag=True)
    @click.option("--fault", multiple=True)
    def odd(split, fault):
        """Do."""

    file = settings.SettingsFile("f", {}, {"odd": {"split": True, "fault": ["a", 1]}})
    assert settings.defaults_from(file, "odd", odd) == {"split": True, "fault": ["a", "1"]}


def test_a_file_that_is_named_and_not_there_is_told(alone):
    with pytest.raises(InputError, match="BADGE_SETTINGS names it"):
        settings.find_file(alone, {settings.ENVIRONMENT: "nowhere.toml"})
