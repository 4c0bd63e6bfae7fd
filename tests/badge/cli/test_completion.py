"""What is completed beside commands and options."""

from __future__ import annotations

import click

from badge.cli import completion


def test_devices_and_adapters_are_those_that_are_there(monkeypatch):
    there = {"/dev/ttyACM*": ["/dev/ttyACM0"], "/dev/i2c-*": ["/dev/i2c-1"]}
    monkeypatch.setattr(completion.glob, "glob", lambda pattern: there.get(pattern, []))
    context = click.Context(click.Command("run"))
    option = click.Option(["--notecard"])
    found = [one.value for one in completion.devices(context, option, "")]
    assert found == ["serial:/dev/ttyACM0", "i2c:/dev/i2c-1"]
    assert [one.value for one in completion.devices(context, option, "i2c")] == ["i2c:/dev/i2c-1"]
    monkeypatch.setattr(
        completion.glob, "glob", lambda pattern: ["/sys/class/bluetooth/hci1"] * ("hci" in pattern)
    )
    found = [one.value for one in completion.adapters(context, option, "")]
    assert found == ["bleak", "bleak:hci1"]
