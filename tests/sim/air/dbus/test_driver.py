from __future__ import annotations

import asyncio
import os

from dbus_fast import BusType, Message
from dbus_fast.aio import MessageBus

from sim.air.dbus.names import NAMES_MAX
from sim.air.radio.air import Air
from tests.sim.air.rig import BUS, DRIVER, answers, ask


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
        "MatchRuleInvalid",
        "MatchRuleNotFound",
        "Failed",
        "UnknownMethod",
        "ServiceUnknown",
    ]


def test_a_monitor_sees_what_others_say_and_is_no_program_any_more(offer, eventually):
    async def story():
        async with offer(Air(1)) as bus:
            watcher = await MessageBus(bus_type=BusType.SYSTEM).connect()
            seen = []
            watcher.add_message_handler(lambda m: seen.append((m.message_type.name, m.member)))
            name = watcher.unique_name
            monitoring = ("/org/freedesktop/DBus", BUS + ".Monitoring", "BecomeMonitor")
            await watcher.call(ask(*monitoring, "asu", [[], 0], to=BUS))
            assert name not in bus.bus.peers
            other = await MessageBus(bus_type=BusType.SYSTEM).connect()
            await other.call(ask("/org/bluez/hci0", "org.bluez.Adapter1", "StartDiscovery"))
            await eventually(lambda: ("METHOD_CALL", "StartDiscovery") in seen)
            await eventually(lambda: ("SIGNAL", "PropertiesChanged") in seen)
            assert ("SIGNAL", "NameLost") in seen
            for one in (watcher, other):
                one.disconnect()
            await asyncio.sleep(0)

    asyncio.run(story())


def test_a_program_cannot_have_names_without_end(offer):
    calls = [
        ask(*DRIVER, "RequestName", "su", [f"org.example.n{i}", 0], to=BUS)
        for i in range(NAMES_MAX + 1)
    ]
    found = answers(offer, *calls)
    assert found[:NAMES_MAX] == [("u", [1])] * NAMES_MAX
    assert found[NAMES_MAX][0] == BUS + ".Error.Failed"


def test_programs_call_each_other_by_the_names_that_they_took(offer):
    async def story():
        async with offer(Air(1)):
            server = await MessageBus(bus_type=BusType.SYSTEM).connect()
            client = await MessageBus(bus_type=BusType.SYSTEM).connect()
            await server.call(ask(*DRIVER, "RequestName", "su", ["org.example", 0], to=BUS))

            def answer(message):
                if message.member == "Add":
                    return Message.new_method_return(message, "u", [sum(message.body)])
                return None

            server.add_message_handler(answer)
            found = await client.call(ask("/", "org.example.X", "Add", "uu", [2, 3], "org.example"))
            for one in (server, client):
                one.disconnect()
            await asyncio.sleep(0)
            return found.body, found.sender == server.unique_name

    assert asyncio.run(story()) == ([5], True)


def test_who_is_connected_is_told_by_the_kernel(offer):
    found = answers(
        offer,
        ask(*DRIVER, "GetConnectionCredentials", "s", ["org.bluez"], to=BUS),
        ask(*DRIVER, "StartServiceByName", "su", ["org.bluez", 0], to=BUS),
        ask(*DRIVER, "StartServiceByName", "su", ["org.example", 0], to=BUS),
        ask(*DRIVER, "GetConnectionUnixProcessID", "s", [":1.2"], to=BUS),
        ask("/", BUS + ".Peer", "GetMachineId", to=BUS),
        ask("/org/bluez", BUS + ".Peer", "GetMachineId"),
    )
    told = {key: variant.value for key, variant in found[0][1][0].items()}
    assert told == {"UnixUserID": os.getuid(), "ProcessID": os.getpid()}
    assert found[1] == ("u", [2])
    assert found[2][0] == BUS + ".Error.ServiceUnknown"
    assert found[3] == ("u", [os.getpid()])
    assert found[4] == found[5]
