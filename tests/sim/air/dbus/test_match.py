from __future__ import annotations

import contextlib

import pytest
from dbus_fast import Message
from hypothesis import given
from hypothesis import strategies as st

from badge.errors import InputError
from sim.air.dbus.match import rule_from

CHANGED = Message.new_signal(
    "/org/bluez/hci0/dev_1",
    "org.freedesktop.DBus.Properties",
    "PropertiesChanged",
    "sa{sv}as",
    ["org.bluez.Device1", {}, []],
)
CHANGED.sender = ":1.1"
ADDED = Message.new_signal(
    "/",
    "org.freedesktop.DBus.ObjectManager",
    "InterfacesAdded",
    "oa{sa{sv}}",
    ["/org/bluez/hci0", {}],
)
OWNERS = {"org.bluez": ":1.1"}


@pytest.mark.parametrize(
    ("rule", "signal", "wanted"),
    [
        ("", CHANGED, True),
        ("type=signal,member=PropertiesChanged,path_namespace=/org/bluez", CHANGED, True),
        ("type='signal',sender='org.bluez',path='/org/bluez/hci0/dev_1'", CHANGED, True),
        ("type='method_call'", CHANGED, False),
        ("sender='org.example'", CHANGED, False),
        ("path_namespace='/org/blue'", CHANGED, False),
        ("path_namespace='/'", CHANGED, True),
        ("arg0='org.bluez.Device1'", CHANGED, True),
        ("arg0namespace='org.bluez'", CHANGED, True),
        ("arg0namespace='org.blu'", CHANGED, False),
        ("arg0='org.bluez.Adapter1'", CHANGED, False),
        ("arg1='x'", CHANGED, False),
        ("arg7='x'", CHANGED, False),
        ("member=InterfacesAdded,arg0path=/org/bluez/", ADDED, True),
        ("arg0path='/org/bluez/hci0'", ADDED, True),
        ("arg0path='/org/other/'", ADDED, False),
        ("eavesdrop='true'", ADDED, True),
    ],
)
def test_rules_match_as_the_specification_says(rule, signal, wanted):
    assert rule_from(rule).matches(signal, OWNERS) is wanted


@pytest.mark.parametrize("text", ["colour='red'", "type", "type='signal',,", "type='gossip'"])
def test_what_is_no_rule_is_refused(text):
    with pytest.raises(InputError, match="match rule"):
        rule_from(text)


@given(st.text(max_size=60))
def test_any_text_is_a_rule_or_an_input_error(text):
    with contextlib.suppress(InputError):
        rule_from(text).matches(CHANGED, OWNERS)
