"""Agents, advertisements and applications, over the socket."""

from __future__ import annotations

import asyncio

import pytest
from dbus_fast import BusType
from dbus_fast.aio import MessageBus

from sim.air.bluez.managers import INSTANCES
from sim.air.radio.air import Air
from tests.sim.air.rig import answers, ask

AGENTS = ("/org/bluez", "org.bluez.AgentManager1")
ADVERTISING = ("/org/bluez/hci0", "org.bluez.LEAdvertisingManager1")


def names(found):
    return [name.rpartition(".")[2] for name, _ in found]


def test_an_agent_is_registered_once_and_dropped_by_its_own(offer):
    found = answers(
        offer,
        ask(*AGENTS, "RequestDefaultAgent", "o", ["/a"]),
        ask(*AGENTS, "RegisterAgent", "os", ["/a", "Telepathy"]),
        ask(*AGENTS, "RegisterAgent", "os", ["/a", "DisplayOnly"]),
        ask(*AGENTS, "RegisterAgent", "os", ["/b", ""]),
        ask(*AGENTS, "UnregisterAgent", "o", ["/a"]),
        ask(*AGENTS, "UnregisterAgent", "o", ["/a"]),
    )
    assert names(found) == [
        "DoesNotExist",
        "InvalidArguments",
        "",
        "AlreadyExists",
        "",
        "DoesNotExist",
    ]


def test_there_is_room_for_so_many_advertisements_and_they_go_with_their_program(offer):
    async def story():
        async with offer(Air(1)):
            bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
            calls = [
                ask(*ADVERTISING, "RegisterAdvertisement", "oa{sv}", [f"/adv{i}", {}])
                for i in (*range(INSTANCES), 0, INSTANCES)
            ]
            told = [(await bus.call(call)).error_name for call in calls]
            bus.disconnect()
            again = await MessageBus(bus_type=BusType.SYSTEM).connect()
            answer = await again.call(
                ask(*ADVERTISING, "RegisterAdvertisement", "oa{sv}", ["/x", {}])
            )
            again.disconnect()
            await asyncio.sleep(0)
            return told, answer.error_name

    told, again = asyncio.run(story())
    assert told[:INSTANCES] == [None] * INSTANCES
    assert told[INSTANCES:] == ["org.bluez.Error.AlreadyExists", "org.bluez.Error.NotPermitted"]
    assert again is None


@pytest.mark.parametrize(
    ("path", "interface", "member", "signature", "body"),
    [
        ("/org/bluez/hci0", "org.bluez.Media1", "RegisterEndpoint", "oa{sv}", ["/a", {}]),
        ("/org/bluez", "org.bluez.ProfileManager1", "RegisterProfile", "osa{sv}", ["/a", "x", {}]),
    ],
)
def test_what_is_not_modelled_refuses(offer, path, interface, member, signature, body):
    (found,) = answers(offer, ask(path, interface, member, signature, body))
    assert found[0] == "org.bluez.Error.NotSupported"
