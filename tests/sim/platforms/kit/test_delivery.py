from __future__ import annotations

from sim.platforms.kit.delivery import Answer, Delivery, Verdict


def test_a_verdict_is_a_condition_and_says_why():
    assert Verdict(True)
    refused = Verdict(False, "header X-Key is missing")
    assert not refused
    assert refused.reason == "header X-Key is missing"


def test_a_delivery_is_a_value():
    one = Delivery(1, "http://127.0.0.1/", (), b"{}", 10.0, ("key",))
    assert one == Delivery(1, "http://127.0.0.1/", (), b"{}", 10.0, ("key",), attempt=1)
    assert Answer(200, b"{}") != Answer(201, b"{}")
