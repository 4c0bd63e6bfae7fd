from __future__ import annotations

import asyncio
import socket
import stat

import pytest

from badge.errors import InputError
from sim.air.bluez.system_bus import SystemBus
from sim.air.dbus.listening_socket import ListeningSocket
from sim.air.radio.air import Air


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


def test_a_second_bus_does_not_take_a_living_ones_place(tmp_path):
    path = tmp_path / "bus"

    async def story():
        async with SystemBus(Air(1), path):
            with pytest.raises(InputError, match="another bus listens there"):
                async with SystemBus(Air(1), path):
                    pass
            _, writer = await asyncio.open_unix_connection(path)
            writer.close()
            await writer.wait_closed()

    asyncio.run(story())
    assert not path.exists()


def test_what_a_killed_bus_left_behind_is_replaced(tmp_path):
    path = tmp_path / "bus"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    made = ListeningSocket(path)
    made.remove()
    made.socket.close()
    assert not path.exists()


def test_a_bus_removes_its_own_socket_and_no_other(tmp_path):
    path = tmp_path / "bus"
    first = ListeningSocket(path)
    path.unlink()
    second = ListeningSocket(path)
    first.remove()
    assert path.exists()
    second.remove()
    assert not path.exists()
    for one in (first, second):
        one.socket.close()
