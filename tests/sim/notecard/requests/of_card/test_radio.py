from __future__ import annotations


def test_the_rule_of_the_penalty_box_is_only_set_with_set(desk):
    assert "set is required" in desk.ask("card.wireless.penalty", min=1)["err"]
    assert desk.ask("card.wireless.penalty", set=True, min=1, rate=2.0, add=0, max=9) == {
        "count": 0,
        "minutes": 0,
    }
    assert "err" in desk.ask("card.wireless.penalty", set=True, rate=0.5)


def test_a_password_is_never_shown_nor_traced(desk):
    desk.ask("card.wifi", ssid="site", password='open "sesame"')
    desk.ask("card.wifi", text='["other","secret"]')
    seen = " ".join(str(one) for one in desk.seen)
    assert "sesame" not in seen
    assert "secret" not in seen


def test_a_method_of_a_radio_that_is_not_there(desk):
    assert "err" in desk.ask("card.wireless", mode="nb"), "it is no narrowband card"
    assert "err" in desk.ask("card.wifi", text="nonsense")
    assert "err" in desk.ask("card.triangulate", mode="stars")
