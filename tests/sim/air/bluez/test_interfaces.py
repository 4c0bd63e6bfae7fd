from __future__ import annotations

from dbus_fast import SignatureTree, Variant

from sim.air.bluez.interfaces import ADAPTER, DEVICE, INTERFACES, Method
from sim.air.radio.adapter import SERVICES
from sim.air.radio.air import Air
from sim.air.radio.conditions import PROFILES


def test_every_type_in_the_tables_is_one():
    for interface in INTERFACES.values():
        for name in interface.properties:
            assert len(SignatureTree(interface.type_of(name)).types) == 1
        for method in interface.methods.values():
            SignatureTree(method.signature)


def test_the_signature_of_a_method_is_that_of_its_arguments():
    assert Method("agent:o capability:s options:a{sv}").signature == "osa{sv}"


def test_octets_in_a_dictionary_become_variants_and_others_stay():
    device = INTERFACES[DEVICE]
    assert device.variant("ManufacturerData", {76: b"\1"}).value == {76: Variant("ay", b"\1")}
    assert device.variants({"RSSI": -60}) == {"RSSI": Variant("n", -60)}


def test_every_property_of_an_adapter_and_a_device_has_its_type():
    for conditions in PROFILES.values():
        air = Air(1, conditions)
        adapter = air.adapters["hci0"]
        adapter.start("me")
        air.advertise(
            "AA:BB:CC:DD:EE:01",
            -60,
            name="tag",
            flags=6,
            appearance=961,
            tx_power_dbm=4,
            manufacturer_data={1: b"x"},
            service_data={"FEAA": b"x"},
        )
        INTERFACES[ADAPTER].variants(adapter.properties)
        (device,) = adapter.devices.values()
        INTERFACES[DEVICE].variants(device.properties)
        assert adapter.properties["UUIDs"] == list(SERVICES)
