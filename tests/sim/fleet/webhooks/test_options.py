import socket

import pytest

from badge.errors import InputError
from sim.fleet.webhooks.options import (
    WORDS,
    find_receivers,
    hidden_in,
    lacking,
    platforms_of,
    read_webhooks,
    secrets_of,
    with_platforms,
)
from sim.net.server import held_port
from sim.platforms import open as registry
from tests.sim.fleet.story import source
from tests.sim.scenario.story import SMALL

SECRET = "B284A51B143841695B2D7BF3B8554731"
NONE = dict.fromkeys(registry.ROWS)
SPOKEN = (
    SMALL
    + f"""\
platforms:
  blecon: {{routes: [{{headers: ["X-Route: r0ute"]}}]}}
  grouplink: {{headers: ["X-Key: k3y"]}}
  peridio: {{secrets: [{SECRET}]}}
"""
)


def test_a_secret_comes_from_the_command_line_the_environment_or_the_scenario(monkeypatch):
    scenario = source(SPOKEN).scenario
    monkeypatch.setenv("BADGE_GROUPLINK_SECRET", "X-Key: env")
    webhooks = read_webhooks(NONE, ("blecon=X-A: 1", "blecon=X-B: 2"))
    assert secrets_of(scenario, webhooks, "blecon") == ("X-A: 1", "X-B: 2")
    assert secrets_of(scenario, webhooks, "grouplink") == ("X-Key: env",)
    assert secrets_of(scenario, webhooks, "peridio") == (SECRET,)
    assert hidden_in(scenario, webhooks) == {"1", "2", "env", "r0ute"}
    assert "X-A" not in repr(webhooks)
    assert SECRET not in repr(scenario)
    assert "r0ute" not in repr(scenario)


@pytest.mark.parametrize(
    ("urls", "secrets", "words"),
    [
        ({"blecon": "nonsense"}, (), "--blecon nonsense: not a URL"),
        ({"blecon": "http://[::1"}, (), "not a URL"),
        ({}, ("X-A: 1",), "--secret: write NAME=SECRET"),
        ({}, ("nobody=1",), "--secret: write NAME=SECRET with one of blecon, grouplink, peridio"),
    ],
)
def test_a_bad_word_is_refused_without_being_told(urls, secrets, words):
    with pytest.raises(InputError, match=words.replace("[", r"\[")) as error:
        read_webhooks(NONE | urls, secrets)
    assert "X-A" not in str(error.value)


@pytest.mark.parametrize(
    "secret", ["peridio=3f4", "blecon=no header", "grouplink=neither", f"peridio={SECRET}0"]
)
def test_a_secret_that_cannot_be_one_is_refused_before_the_run(secret):
    with pytest.raises(InputError) as error:
        with_platforms(source(SPOKEN), read_webhooks(NONE, (secret,)))
    assert secret.partition("=")[2] not in str(error.value)


def test_a_roll_needs_two_secrets_or_none():
    text = SPOKEN.replace("peridio: {", 'peridio: {roll: {at: "07:10"}, ')
    with pytest.raises(InputError, match=r"line \d+ .*a roll needs a second secret"):
        with_platforms(source(text), read_webhooks(NONE, ()))
    with_platforms(source(text), read_webhooks(NONE, (f"peridio={SECRET}", f"peridio={SECRET}")))


def test_a_url_brings_a_platform_with_defaults_and_the_scenario_its_own():
    plain = source()
    assert platforms_of(plain.scenario) == []
    webhooks = read_webhooks(NONE | {"grouplink": "http://127.0.0.1:1/"}, ())
    with_one = with_platforms(plain, webhooks)
    assert platforms_of(with_one.scenario) == ["grouplink"]
    assert with_one.scenario.platforms.grouplink == WORDS["grouplink"]()
    assert with_one.digest == plain.digest
    assert platforms_of(with_platforms(source(SPOKEN), webhooks).scenario) == list(registry.ROWS)


def test_a_platform_that_no_scenario_can_speak_of_is_there_by_its_url(monkeypatch):
    monkeypatch.setitem(registry.ROWS, "turnstile", "sim.platforms.grouplink")
    webhooks = read_webhooks(NONE | {"turnstile": "http://127.0.0.1:1/"}, ())
    assert platforms_of(with_platforms(source(), webhooks).scenario) == ["turnstile"]


def test_who_lacks_something_is_said():
    figures = {"platforms": {"blecon": {"events": 5}, "peridio": {"events": 2}}}
    figures["neighbours"] = {"blecon": {"accepted": 5}, "peridio": {"accepted": 1}}
    assert lacking(figures) == "peridio accepted 1 of 2 events"
    assert lacking({}) == ""


def test_a_receiver_must_be_there_before_the_run():
    with held_port() as port:
        asked = read_webhooks(NONE | {"peridio": f"http://127.0.0.1:{port}/"}, ())
        with socket.create_server(("127.0.0.1", port)):
            find_receivers(asked)
        with pytest.raises(InputError, match=r"--peridio .*: no connection; start a receiver"):
            find_receivers(asked)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("{others: [turnstile]}", "'turnstile' is no platform; there are: blecon"),
        ("{peridio: {subscribed: [device.connected, door.opened]}}", "'door.opened' is no event"),
    ],
)
def test_a_name_that_is_nowhere_is_told_with_its_place(words, said):
    with pytest.raises(InputError, match=rf"small\.yaml line \d+ column \d+: {said}"):
        with_platforms(source(SMALL + f"platforms: {words}\n"), read_webhooks(NONE, ()))
