from __future__ import annotations

from tests.sim.air.rig import BUS, answers, ask


def test_names_and_their_owners(offer):
    driver = ("/org/freedesktop/DBus", BUS)
    found = answers(
        offer,
        ask(*driver, "GetNameOwner", "s", ["org.bluez"], to=BUS),
        ask(*driver, "NameHasOwner", "s", ["org.bluez"], to=BUS),
        ask(*driver, "NameHasOwner", "s", ["org.example"], to=BUS),
        ask(*driver, "GetNameOwner", "s", ["org.example"], to=BUS),
        ask(*driver, "RequestName", "su", ["org.bluez", 0], to=BUS),
        ask(*driver, "AddMatch", "s", ["colour='red'"], to=BUS),
        ask(*driver, "RemoveMatch", "s", ["type='signal'"], to=BUS),
        ask(*driver, "Hello", to=BUS),
        ask(*driver, "Dance", to=BUS),
        ask("/", "org.example.X", "Y", to="org.example"),
    )
    assert found[0] == ("s", [":1.1"])
    assert [body for _, body in found[1:3]] == [[True], [False]]
    assert found[4] == ("u", [3])
    assert [name.rpartition(".")[2] for name, _ in (found[3], *found[5:])] == [
        "NameHasNoOwner",
        "MatchRuleInvalid",
        "MatchRuleNotFound",
        "Failed",
        "UnknownMethod",
        "ServiceUnknown",
    ]
