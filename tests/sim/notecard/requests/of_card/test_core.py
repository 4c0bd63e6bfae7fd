from __future__ import annotations

import pytest


def test_a_restore_answers_then_the_card_starts_anew(desk):
    """note-cli -factory waits for the answer, and asks hub.get afterwards."""
    desk.ask("hub.set", product="p:q", sn="x")
    desk.ask("note.add", body={"n": 1})
    assert desk.ask("card.restore", delete=True) == {}
    desk.wait(8)
    assert desk.ask("hub.get")["mode"] == "periodic"
    assert desk.ask("file.stats") == {}


def test_restored_it_gets_its_databases_and_variables_back_unless_it_is_forgotten(desk):
    desk.online()
    desk.ask("note.add", file="set.db", note="rate", body={"v": 5}, sync=True)
    desk.notecard.hub.set_env({"a": "1"})
    desk.wait(5)
    desk.ask("card.restore")
    desk.wait(20)
    assert desk.ask("note.get", file="set.db", note="rate")["body"] == {"v": 5}
    assert desk.ask("env.get", name="a")["text"] == "1"
    desk.ask("card.restore", connected=True)
    desk.wait(20)
    assert "err" in desk.ask("note.get", file="set.db", note="rate")


def test_a_setup_is_repeated_after_each_restore(desk):
    """note-cli -setup-sku: a list of requests that a factory reset does not take."""
    text = '{"req":"hub.set","product":"p:sku"}\n{"req":"card.nonsense"}\n'
    assert desk.ask("card.setup", text=text) == {}
    desk.ask("card.restore", delete=True)
    desk.wait(5)
    assert desk.ask("hub.get")["product"] == "p:sku"
    assert "JSON list" in desk.ask("card.setup", text="{")["err"]


def test_storage_is_always_there_for_drivers_in_rust(desk):
    assert desk.ask("card.status")["storage"] >= 1


@pytest.mark.parametrize("mode", ["-usb", "+fallback", "sideways"])
def test_what_a_pin_cannot_do_is_refused(desk, mode):
    assert "err" in desk.ask("card.io", mode=mode)


def test_trace_off_before_a_communication_test(desk):
    """note-cli -commtest turns the trace off and then asks card.version as often as it can."""
    assert desk.ask("card.io", mode="trace-off") == {}
    assert all(desk.ask("card.version")["version"] for _ in range(100))


def test_a_contact_is_an_address(desk):
    assert "email" in desk.ask("card.contact", email="nobody")["err"]
    desk.ask("card.contact", name="Ada", email="ada@example.com")
    desk.online()
    assert desk.notecard.hub.project.devices[desk.notecard.card.identity.device].last.contact
