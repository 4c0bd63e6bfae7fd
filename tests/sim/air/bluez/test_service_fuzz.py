"""Any message at all, right before the service: an answer or none, never an exception."""

from __future__ import annotations

from dbus_fast import DBusFastError, Message, Variant
from hypothesis import given
from hypothesis import strategies as st

from sim.air.bluez.service import Bluez
from sim.air.dbus.stream import encode
from sim.air.dbus.unmarshal import unmarshal
from sim.air.radio.advert import Pdu
from sim.air.radio.air import Air
from sim.air.radio.conditions import profile
from sim.air.radio.peripheral import Peripheral
from tests.sim.air.rig import PROPERTIES, TAG

HCI0, DEVICE = "/org/bluez/hci0", "/org/bluez/hci0/dev_AA_BB_CC_DD_EE_01"
CALLS = [
    (HCI0, "org.bluez.Adapter1", "StartDiscovery", "", []),
    (HCI0, "org.bluez.Adapter1", "StopDiscovery", "", []),
    (HCI0, "org.bluez.Adapter1", "RemoveDevice", "o", [DEVICE]),
    (
        HCI0,
        "org.bluez.Adapter1",
        "SetDiscoveryFilter",
        "a{sv}",
        [{"RSSI": Variant("n", -70), "UUIDs": Variant("as", ["feaa"])}],
    ),
    (HCI0, "org.bluez.AdvertisementMonitorManager1", "RegisterMonitor", "o", ["/x"]),
    (HCI0, "org.bluez.LEAdvertisingManager1", "RegisterAdvertisement", "oa{sv}", ["/a", {}]),
    (HCI0, "org.bluez.GattManager1", "RegisterApplication", "oa{sv}", ["/a", {}]),
    ("/org/bluez", "org.bluez.AgentManager1", "RegisterAgent", "os", ["/a", ""]),
    (HCI0, PROPERTIES, "Set", "ssv", ["org.bluez.Adapter1", "Powered", Variant("b", False)]),
    (HCI0, PROPERTIES, "Set", "ssv", ["org.bluez.Adapter1", "Alias", Variant("s", "x")]),
    (HCI0, PROPERTIES, "Get", "ss", ["org.bluez.Adapter1", "Name"]),
    (DEVICE, "org.bluez.Device1", "Connect", "", []),
    (DEVICE, "org.bluez.Device1", "Pair", "", []),
    (DEVICE, "org.bluez.Device1", "CancelPairing", "", []),
    (HCI0, "org.freedesktop.DBus.Introspectable", "Introspect", "", []),
    ("/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", "", []),
]
ACTS = [
    lambda air: air.power(False),
    lambda air: air.power(True),
    lambda air: air.unplug(),
    lambda air: air.plug(),
    lambda air: air.stop_bluetoothd(),
    lambda air: air.stop_bluetoothd(crashed=True),
    lambda air: air.start_bluetoothd(),
    lambda air: air.advertise(TAG, 0, flags=4, name=b"tag\xff", pdu=Pdu.NON_CONNECTABLE),
]
marks = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=3)


class AnsweringLink:
    """A link on which everything that goes out is made into octets, and every call answered."""

    def emit(self, signal):
        signal.serial, signal.sender = 1, ":1.1"
        encode(signal)

    def reply(self, answer):
        answer.serial = 1
        encode(answer)

    def ask(self, call, then):
        call.serial, call.sender = 1, ":1.1"
        encode(call)
        then(Message.new_method_return(call, "a{oa{sa{sv}}}", [{}]))

    def soon(self, action):
        action()

    def own(self, name, service):
        pass

    def disown(self, name):
        pass


calls = st.tuples(st.sampled_from(CALLS), marks)
acts = st.tuples(st.sampled_from(ACTS), st.sampled_from([1, 30, 2_000, 31_000]))


@given(st.lists(st.tuples(calls, acts), min_size=1, max_size=8), st.booleans())
def test_no_row_of_damaged_calls_stops_the_service(steps, can_connect):
    now = [0]
    air = Air(1, profile(), lambda: now[0])
    if can_connect:
        air.peripherals[TAG] = Peripheral()
    service = Bluez(air, AnsweringLink())
    air.serve(service)
    for ((path, interface, member, signature, body), places), (act, wait_ms) in steps:
        act(air)
        now[0] += wait_ms
        air.timers.run_due()
        whole = Message("org.bluez", path, interface, member, signature=signature, body=body)
        whole.serial, whole.sender = 7, ":1.5"
        octets = bytearray(encode(whole))
        for place, value in places:
            octets[place % len(octets)] = value
        air.advertise(TAG, -60, flags=6)
        try:
            message = unmarshal(bytes(octets))
        except (ValueError, DBusFastError):
            continue
        message.sender = ":1.5"
        answer = service.call(message)
        if answer is not None:
            answer.serial = 1
            encode(answer)
    service.leave(":1.5")
    air.restart_bluetoothd(crashed=True)
    now[0] += 60_000
    air.timers.run_due()
