from __future__ import annotations

from xml.etree import ElementTree

from dbus_fast.introspection import Node

from sim.air.dbus.driver import Driver
from sim.air.dbus.driver_interface import DRIVER, INTROSPECTION


def test_a_library_builds_a_proxy_of_the_bus_from_it():
    node = Node.parse(INTROSPECTION)
    told = {one.name: one for one in node.interfaces}[DRIVER]
    assert {"Hello", "RequestName", "GetConnectionCredentials"} <= {m.name for m in told.methods}
    assert {signal.name for signal in told.signals} == {
        "NameOwnerChanged",
        "NameLost",
        "NameAcquired",
    }


def test_every_method_that_it_tells_is_answered():
    answered = {name for calls in Driver(object())._calls for name, _ in calls}
    told = {one.get("name") for one in ElementTree.fromstring(INTROSPECTION).iter("method")}
    assert told <= answered
