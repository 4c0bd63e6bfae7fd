import socket

import pytest

from badge.errors import InputError
from sim.fleet.webhooks.options import (
    WORDS,
    Nobody,
    band_of,
    find_receivers,
    hidden_in,
    lacking,
    platforms_of,
    read_wires,
    secrets_of,
    told_with,
)
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
    wires = read_wires(NONE, ("blecon=X-A: 1", "blecon=X-B: 2"))
    assert secrets_of(scenario, wires, "blecon") == ("X-A: 1", "X-B: 2")
    assert secrets_of(scenario, wires, "grouplink") == ("X-Key: env",)
    assert secrets_of(scenario, wires, "peridio") == (SECRET,)
    assert hidden_in(scenario, wires) == {"1", "2", "env", "r0ute"}
    assert "X-A" not in repr(wires)
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
        read_wires(NONE | urls, secrets)
    assert "X-A" not in str(error.value)


@pytest.mark.parametrize(
    "secret", ["peridio=3f4", "blecon=no header", "grouplink=neither", f"peridio={SECRET}0"]
)
def test_a_secret_that_cannot_be_one_is_refused_before_the_run(secret):
    with pytest.raises(InputError) as error:
        told_with(source(SPOKEN), read_wires(NONE, (secret,)))
    assert secret.partition("=")[2] not in str(error.value)


def test_a_roll_needs_two_secrets_or_none():
    text = SPOKEN.replace("peridio: {", 'peridio: {roll: {at: "07:10"}, ')
    with pytest.raises(InputError, match=r"line \d+ .*a roll needs a second secret"):
        told_with(source(text), read_wires(NONE, ()))
    told_with(source(text), read_wires(NONE, (f"peridio={SECRET}", f"peridio={SECRET}")))


def test_a_url_brings_a_platform_with_defaults_and_the_scenario_its_own():
    plain = source()
    assert platforms_of(plain.scenario) == []
    wires = read_wires(NONE | {"grouplink": "http://127.0.0.1:1/"}, ())
    with_one = told_with(plain, wires)
    assert platforms_of(with_one.scenario) == ["grouplink"]
    assert with_one.scenario.platforms.grouplink == WORDS["grouplink"]()
    assert with_one.digest == plain.digest
    assert platforms_of(told_with(source(SPOKEN), wires).scenario) == list(registry.ROWS)


def test_a_platform_that_no_scenario_can_speak_of_is_there_by_its_url(monkeypatch):
    monkeypatch.setitem(registry.ROWS, "turnstile", "sim.platforms.grouplink")
    wires = read_wires(NONE | {"turnstile": "http://127.0.0.1:1/"}, ())
    assert platforms_of(told_with(source(), wires).scenario) == ["turnstile"]


def test_who_lacks_something_is_said():
    figures = {"platforms": {"blecon": {"events": 5}, "peridio": {"events": 2}}}
    figures["neighbours"] = {"blecon": {"accepted": 5}, "peridio": {"accepted": 1}}
    assert lacking(figures) == "peridio accepted 1 of 2 events"
    assert lacking({}) == ""


def test_a_receiver_must_be_there_before_the_run():
    with socket.create_server(("127.0.0.1", 0)) as there:
        url = f"http://127.0.0.1:{there.getsockname()[1]}/"
        find_receivers(read_wires(NONE | {"peridio": url}, ()))
    with pytest.raises(InputError, match=r"--peridio .*: nothing answers there"):
        find_receivers(read_wires(NONE | {"peridio": url}, ()))


def test_without_neighbours_there_is_nobody_to_conduct(tmp_path):
    from sim.fleet.job import Job
    from sim.scenario.plan.parameters import Parameters

    job = Job(source(), Parameters(1, 1.0, 1, "2026-03-16T06:50:00Z"), tmp_path)
    with band_of(job, None, read_wires(NONE, ()), tmp_path / "platforms", 1) as nobody:
        nobody.finish()
    assert isinstance(nobody, Nobody)
    assert (nobody.write(tmp_path), nobody.figures()) == ({}, {})
    assert list(tmp_path.iterdir()) == []
