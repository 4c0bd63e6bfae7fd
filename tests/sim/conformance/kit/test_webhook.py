from __future__ import annotations

import pytest

from sim.conformance.kit.talk import NotAsPromisedError
from sim.conformance.kit.webhook import ReceiverUnderTest
from sim.net.client import Client
from sim.platforms.open import platform
from tests.sim.conformance.webhooks.rig import receiver
from tests.sim.platforms.cases import SECRETS


def under_test(name, *secrets):
    return ReceiverUnderTest("http://127.0.0.1:1/", platform(name), secrets or (SECRETS[name],))


def test_of_two_secrets_one_is_the_current():
    assert under_test("peridio", "A" * 32, "B" * 32).current == ("A" * 32,)
    blecon = under_test("blecon", "X-A: 1", "x-a: 2", "X-B: 3")
    assert (blecon.current, blecon.others) == (("X-A: 1", "X-B: 3"), ("x-a: 2",))


def test_what_is_not_given_is_missing():
    one = under_test("peridio")
    assert one.missing(("secret",)) == ""
    assert one.missing(("secret", "second secret")) == "one secret alone was given"
    assert "client_timeout_s" in one.missing(("client_timeout",))


@pytest.mark.parametrize("name", ["blecon", "grouplink", "peridio"])
def test_what_was_taken_and_what_was_refused_is_remembered(name, tmp_path):
    with receiver(name, tmp_path) as right, Client() as client:
        session = right.session(client)
        one, other = session.event(), session.event()
        session.expect_taken(session.deliver(one))
        session.expect_refused(session.post(session.body(other), {}), "no proof")
        assert list(right.acknowledged.values()) == [one]
        assert right.refused == {right.platform.key_of(other)}
        with pytest.raises(NotAsPromisedError, match="from 400 on"):
            session.expect_refused(session.deliver(one), "a good one")


def test_a_shared_secret_is_shown_to_nobody_and_a_signature_is(tmp_path):
    for name, hidden in (("blecon", True), ("peridio", False)):
        with receiver(name, tmp_path) as right, Client() as client:
            session = right.session(client)
            line = session.deliver(session.event()).again()
        assert ("$KEY" in line) is hidden
        assert "Blecon-Secret: abc" not in line


def test_the_same_seed_makes_the_same_ids(tmp_path):
    def keys() -> list[str]:
        with receiver("peridio", tmp_path) as right, Client() as client:
            session = right.session(client)
            return [session.event()["prn"] for _ in range(3)]

    assert keys() == keys()


def test_no_two_events_of_a_run_have_the_same_key(tmp_path):
    """However many are made in a millisecond: GroupLink's key names no more than that."""
    with receiver("grouplink", tmp_path) as right, Client() as client:
        session = right.session(client)
        keys = [right.platform.key_of(session.event()) for _ in range(500)]
    assert len(set(keys)) == 500
