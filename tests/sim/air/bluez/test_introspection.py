from __future__ import annotations

import pytest
from dbus_fast.introspection import Node

from sim.air.bluez.interfaces import ADAPTER, INTERFACES
from sim.air.bluez.introspection import xml_of


@pytest.mark.parametrize("name", sorted(INTERFACES))
def test_a_library_reads_back_what_an_interface_offers(name):
    told = INTERFACES[name]
    node = Node.parse(xml_of([told], ["child"]))
    (found,) = node.interfaces
    assert [method.name for method in found.methods] == list(told.methods)
    for method in found.methods:
        assert method.in_signature == told.methods[method.name].signature
    assert {p.name: p.signature for p in found.properties} == {
        one: told.type_of(one) for one in told.properties
    }
    assert {p.name for p in found.properties if p.access.value == "readwrite"} == {
        one for one in told.properties if told.is_writable(one)
    }


def test_children_are_named():
    node = Node.parse(xml_of([INTERFACES[ADAPTER]], ["dev_1", "dev_2"]))
    assert [child.name for child in node.nodes] == ["dev_1", "dev_2"]
