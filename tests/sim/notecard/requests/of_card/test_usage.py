from __future__ import annotations


def test_a_period_counts_what_was_in_it(desk):
    desk.online()
    desk.wait(3 * 3600)
    total = desk.ask("card.usage.get")
    assert total["sessions_secure"] == 1
    assert desk.ask("card.usage.get", mode="1hour").get("sessions_secure") is None
    assert desk.ask("card.usage.get", mode="1day")["sessions_secure"] == 1


def test_a_projection_ends_when_the_quota_does(desk):
    desk.online()
    desk.wait(3600)
    few, many = (desk.ask("card.usage.test", hours=1, megabytes=mb) for mb in (1, 1000))
    assert few["max"] < many["max"]
    assert few["bytes_per_day"] == many["bytes_per_day"] > 0
