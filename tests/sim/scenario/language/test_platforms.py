"""What a scenario may say of the platforms."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from badge.errors import InputError
from sim.scenario.language.platforms import Blecon, Certificate, GroupLink, Peridio, Platforms
from tests.sim.fleet.story import source
from tests.sim.scenario.story import SMALL

SECRET = "B284A51B143841695B2D7BF3B8554731"


def test_nothing_said_is_nobody_there():
    assert not Platforms().any
    assert not source(SMALL).scenario.platforms.any
    assert Platforms(peridio=Peridio()).any
    assert Platforms(others=["turnstile"]).any


def test_the_defaults_are_those_of_the_documents():
    blecon, grouplink, peridio = Blecon(), GroupLink(), Peridio()
    assert (blecon.profile, blecon.movement_m, blecon.heartbeat_s) == ("current", 30.0, 600)
    assert (blecon.routes[0].filter, blecon.routes[0].timeout_s) == ("*", 10.0)
    assert grouplink.resolution == 8  # as in the documented example
    assert (peridio.profile, peridio.scheme, peridio.subscribed) == ("guide", "guide_code", None)


@pytest.mark.parametrize(
    ("words", "where"),
    [
        ("{blecon: {hotspots: {a: {at: depot, colour: red}}}}", "unknown key"),
        ("{blecon: {routes: [{headers: [a, b, c, d, e, f]}]}}", "at most 5"),
        ("{blecon: {movement_m: 5}}", "must be at least 10"),
        ("{blecon: {asks: config}}", "must be namespace.method"),
        ("{grouplink: {resolution: 16}}", "must be at most 15"),
        ("{peridio: {certificates: [{state: revoked}]}}", "say exactly one of badges, share"),
        ("{peridio: {certificates: [{badges: [1], state: fine}]}}", "invalid, unknown"),
        ("{peridio: {scheme: rsa}}", "guide_code"),
        ("{nobody: {}}", "unknown key"),
    ],
)
def test_a_bad_word_is_told_with_line_and_column(words, where):
    with pytest.raises(InputError, match=r"^small.yaml line \d+ column \d+: platforms") as error:
        source(f"{SMALL}platforms: {words}\n")
    assert where in str(error.value)


def test_secrets_are_in_no_text_of_the_words():
    words = Platforms(
        blecon=Blecon(routes=[{"headers": ["X-Key: hush"]}]),
        grouplink=GroupLink(headers=["X-Key: hush"]),
        peridio=Peridio(secrets=[SECRET]),
    )
    assert "hush" not in repr(words)
    assert SECRET not in repr(words)


def test_some_badges_are_named_or_a_share_never_both():
    with pytest.raises(ValidationError, match="badges and share"):
        Certificate(badges=[1], share=0.5, state="revoked")
