from __future__ import annotations


def test_a_value_of_another_type_than_the_template_says_is_not_taken(desk):
    assert desk.ask("env.template", body={"rate": 12, "on": True, "name": "8"}) == {"bytes": 11}
    for name, text in (("rate", "fast"), ("on", "maybe"), ("name", "x"), ("other", "y")):
        desk.ask("env.default", name=name, text=text)
    assert desk.ask("env.get")["body"] == {"name": "x", "other": "y"}
    desk.ask("env.default", name="rate", text="5")
    assert desk.ask("env.get", name="RATE")["text"] == "5"
