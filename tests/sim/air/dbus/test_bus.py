"""The bus against programs that are not bleak, and against octets that are no program's."""

from __future__ import annotations

import asyncio
import os
import stat

import pytest
from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from badge.errors import InputError
from sim.air.bluez.system_bus import SystemBus
from sim.air.dbus.stream import encode
from sim.air.radio.air import Air

TAG = "AA:BB:CC:DD:EE:01"
BUS = "org.freedesktop.DBus"
PROPERTIES = BUS + ".Properties"


def ask(path, interface, member, signature="", body=(), to="org.bluez"):
    return Message(to, path, interface, member, signature=signature, body=list(body))


def answers(offer, *calls, air=None):
    """Return (error or signature, body) of each call, made with dbus-fast's own client."""

    async def story():
        async with offer(air or Air(1)):
            bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
            found = [await bus.call(call) for call in calls]
            bus.disconnect()
            await asyncio.sleep(0)
        return [(m.error_name or m.signature, m.body) for m in found]

    return asyncio.run(story())


def test_names_and_their_owners(offer):
    driver = ("/org/freedesktop/DBus", BUS)
    found = answers(
        offer,
        ask(*driver, "GetNameOwner", "s", ["org.bluez"], to=BUS),
        ask(*driver, "NameHasOwner", "s", ["org.bluez"], to=BUS),
        ask(*driver, "NameHasOwner", "s", ["org.example"], to=BUS),
        ask(*driver, "GetNameOwner", "s", ["org.example"], to=BUS),
        ask(*driver, "RequestName", "su", ["org.bluez", 0], to=BUS),
        ask(*driver, "AddMatch", "s", ["colour='red'"], to=BUS),
        ask(*driver, "RemoveMatch", "s", ["type='signal'"], to=BUS),
        ask(*driver, "Hello", to=BUS),
        ask(*driver, "Dance", to=BUS),
        ask("/", "org.example.X", "Y", to="org.example"),
    )
    assert found[0] == ("s", [":1.1"])
    assert [body for _, body in found[1:3]] == [[True], [False]]
    assert found[4] == ("u", [3])
    assert [name.rpartition(".")[2] for name, _ in (found[3], *found[5:])] == [
        "NameHasNoOwner",
        "Failed",
        "Failed",
        "Failed",
        "UnknownMethod",
        "ServiceUnknown",
    ]


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
        "NotSupported",
    ]


def test_properties_can_be_read_and_the_power_switched(offer):
    air, hci0, adapter = Air(1), "/org/bluez/hci0", "org.bluez.Adapter1"
    found = answers(
        offer,
        ask(hci0, PROPERTIES, "Get", "ss", [adapter, "Powered"]),
        ask(hci0, PROPERTIES, "Set", "ssv", [adapter, "Powered", Variant("b", False)]),
        ask(hci0, PROPERTIES, "GetAll", "s", [adapter]),
        ask("/org/bluez", "org.bluez.AgentManager1", "RequestDefaultAgent", "o", ["/x"]),
        air=air,
    )
    assert found[0][1][0].value is True
    assert found[2][1][0]["Powered"].value is False
    assert found[3] == ("", [])
    assert not air.adapters["hci0"].powered


def test_signals_go_to_those_who_asked_and_carry_the_owner(offer, eventually):
    async def story():
        air, heard = Air(1), []
        async with offer(air):
            bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
            bus.add_message_handler(
                lambda m: heard.append(m) if m.message_type is MessageType.SIGNAL else None
            )
            rule = "type='signal',sender='org.bluez',member='InterfacesAdded'"
            driver = ("/org/freedesktop/DBus", BUS)
            await bus.call(ask(*driver, "AddMatch", "s", [rule], to=BUS))
            await bus.call(ask("/org/bluez/hci0", "org.bluez.Adapter1", "StartDiscovery"))
            air.advertise(TAG, -60)
            air.advertise(TAG, -61)
            await bus.call(ask(*driver, "RemoveMatch", "s", [rule], to=BUS))
            air.advertise("AA:BB:CC:DD:EE:02", -60)
            await bus.call(ask(*driver, "GetId", to=BUS))
            bus.disconnect()
            await asyncio.sleep(0)
        assert [(m.member, m.sender) for m in heard] == [("InterfacesAdded", ":1.1")]

    asyncio.run(story())


@pytest.mark.parametrize(
    "octets",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\0BEGIN\r\n",
        b"\0AUTH EXTERNAL {me}\r\nBEGIN\r\nhello, is this the radio?",
        b"\0AUTH EXTERNAL {me}\r\nBEGIN\r\nl\1\0\1\xff\xff\xff\x7f\1\0\0\0\0\0\0\0",
        b"\0" + b"x" * 20_000,
    ],
)
def test_foreign_octets_end_their_own_connection_and_no_other(offer, octets):
    async def story():
        air = Air(1)
        async with offer(air) as bus:
            good = await MessageBus(bus_type=BusType.SYSTEM).connect()
            reader, writer = await asyncio.open_unix_connection(bus.bus.socket)
            writer.write(octets.replace(b"{me}", str(os.getuid()).encode().hex().encode()))
            try:
                while await reader.read(1000):
                    pass
            except ConnectionError:
                pass
            writer.close()
            answer = await good.call(ask("/org/freedesktop/DBus", BUS, "GetId", to=BUS))
            good.disconnect()
            await asyncio.sleep(0)
            return answer.body

    assert asyncio.run(asyncio.wait_for(story(), 5)) != []


def test_the_socket_is_this_users_alone_and_goes_with_the_bus(tmp_path):
    path = tmp_path / "bus"

    async def story():
        async with SystemBus(Air(1), path) as bus:
            assert bus.address == f"unix:path={path}"
            return stat.S_IMODE(path.stat().st_mode)

    assert asyncio.run(story()) == 0o600
    assert not path.exists()


def test_a_place_that_is_taken_or_too_long_is_refused(tmp_path):
    async def offer_at(path):
        async with SystemBus(Air(1), path):
            pass

    taken = tmp_path / "notes.txt"
    taken.write_text("mine")
    with pytest.raises(InputError, match="no socket; choose another"):
        asyncio.run(offer_at(taken))
    with pytest.raises(InputError, match="short path"):
        asyncio.run(offer_at(tmp_path / ("x" * 200)))
    assert taken.read_text() == "mine"


def spoken(*calls):
    """Return the octets of a login and of these calls, as a program would send them."""
    me = str(os.getuid()).encode().hex().encode()
    octets = b"\0AUTH EXTERNAL " + me + b"\r\nBEGIN\r\n"
    for serial, call in enumerate(calls, 1):
        call.serial = serial
        octets += encode(call)
    return octets


def test_a_program_that_does_not_read_is_cut_off(offer, eventually, monkeypatch):
    monkeypatch.setattr("sim.air.dbus.peer.BACKLOG_MAX", 1 << 20)

    async def story():
        air, driver = Air(1), ("/org/freedesktop/DBus", BUS)
        async with offer(air) as bus:
            _, writer = await asyncio.open_unix_connection(bus.bus.socket)
            hello = ask(*driver, "Hello", to=BUS)
            rule = ask(*driver, "AddMatch", "s", ["type='signal'"], to=BUS)
            start = ask("/org/bluez/hci0", "org.bluez.Adapter1", "StartDiscovery")
            writer.write(spoken(hello, rule, start))
            await eventually(lambda: air.adapters["hci0"].sessions)
            payload = {company: bytes(24) for company in range(2000)}
            for i in range(40):
                air.advertise(TAG, -60, manufacturer_data={**payload, 9999: bytes([i])})
            await eventually(lambda: not bus.bus.peers)
            writer.close()

    asyncio.run(story())
