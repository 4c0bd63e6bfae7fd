from __future__ import annotations

from dbus_fast import Variant

from sim.air.radio.air import Air
from tests.sim.air.rig import PROPERTIES, answers, ask


def test_blue_z_answers_wrong_calls_as_blue_z(offer):
    hci0 = "/org/bluez/hci0"
    adapter = "org.bluez.Adapter1"
    found = answers(
        offer,
        ask("/org/bluez/hci7", adapter, "StartDiscovery"),
        ask(hci0, adapter, "Dance"),
        ask(hci0, adapter, "StartDiscovery", "s", ["now"]),
        ask(hci0, adapter, "SetDiscoveryFilter", "a{sv}", [{"RSSI": Variant("s", "x")}]),
        ask(hci0, adapter, "SetDiscoveryFilter", "a{sv}", [{"Colour": Variant("s", "x")}]),
        ask(hci0, adapter, "RemoveDevice", "o", [hci0 + "/dev_1"]),
        ask(hci0, PROPERTIES, "Get", "ss", ["org.example", "x"]),
        ask(hci0, PROPERTIES, "Get", "ss", [adapter, "Colour"]),
        ask(hci0, PROPERTIES, "Set", "ssv", [adapter, "Address", Variant("s", "x")]),
    )
    assert [name.rpartition(".")[2] for name, _ in found] == [
        "UnknownObject",
        "UnknownMethod",
        "UnknownMethod",
        "InvalidArguments",
        "InvalidArguments",
        "DoesNotExist",
        "InvalidArgs",
        "InvalidArgs",
        "PropertyReadOnly",
    ]


def test_properties_can_be_read_and_the_power_switched(offer):
    air, hci0, adapter = Air(1), "/org/bluez/hci0", "org.bluez.Adapter1"
    found = answers(
        offer,
        ask(hci0, PROPERTIES, "Get", "ss", [adapter, "Powered"]),
        ask(hci0, PROPERTIES, "Set", "ssv", [adapter, "Powered", Variant("b", False)]),
        ask(hci0, PROPERTIES, "GetAll", "s", [adapter]),
        ask("/org/bluez", "org.bluez.AgentManager1", "RegisterAgent", "os", ["/x", ""]),
        air=air,
    )
    assert found[0][1][0].value is True
    assert found[2][1][0]["Powered"].value is False
    assert found[3] == ("", [])
    assert not air.adapters["hci0"].powered
