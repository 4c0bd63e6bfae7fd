"""The same BlueZ on a real dbus-daemon, and before the real bluetoothctl."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess

import pytest
from bleak import BleakScanner

from badge.errors import InputError
from sim.air.bluez.daemon import DaemonLink
from sim.air.radio.air import Air
from tests.command import started
from tests.patience import PATIENCE_S

TAG = "AA:BB:CC:DD:EE:01"
CONFIG = """<busconfig><type>system</type><listen>unix:path={}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow own="*"/>
<allow eavesdrop="true"/></policy></busconfig>"""


@pytest.fixture
def daemon(tmp_path, monkeypatch):
    program = shutil.which("dbus-daemon")
    if program is None:
        pytest.skip("no dbus-daemon here; install the package dbus")
    path = tmp_path / "bus"
    config = tmp_path / "bus.conf"
    config.write_text(CONFIG.format(path))
    command = [program, f"--config-file={config}", "--nofork", "--print-address"]
    with started(command, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={path}")
        yield str(path)


def test_bleak_hears_the_air_through_a_real_daemon(daemon, eventually):
    async def story():
        air, heard = Air(1), []
        async with DaemonLink(air, daemon):
            scanner = BleakScanner(lambda device, advert: heard.append(advert.rssi))
            await scanner.start()
            for rssi in (-60, -61, -62):
                air.advertise(TAG, rssi, manufacturer_data={1: b"x"})
            await eventually(lambda: len(heard) == 3)
            await scanner.stop()
            patterns = {"or_patterns": [(0, 0xFF, b"\1\0")]}
            async with BleakScanner(
                lambda device, advert: heard.append(advert.rssi),
                scanning_mode="passive",
                bluez=patterns,
            ):
                await eventually(lambda: air.adapters["hci0"].monitors)
                air.advertise(TAG, -63, manufacturer_data={1: b"x"})
                await eventually(lambda: len(heard) == 4)
            air.restart_bluetoothd()
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    try:
                        await scanner.start()
                        break
                    except Exception:
                        await asyncio.sleep(0.01)
            air.advertise(TAG, -64)
            await eventually(lambda: len(heard) == 5)
            await scanner.stop()
        return heard

    assert asyncio.run(story()) == [-60, -61, -62, -63, -64]


def test_a_second_owner_is_refused(daemon):
    async def story():
        async with DaemonLink(Air(1), daemon):
            with pytest.raises(InputError, match="does not give us"):
                async with DaemonLink(Air(1), daemon):
                    pass

    asyncio.run(story())


def test_no_bus_is_an_input_error(tmp_path):
    async def story():
        async with DaemonLink(Air(1), str(tmp_path / "none")):
            pass

    with pytest.raises(InputError, match="no message bus"):
        asyncio.run(story())


def test_the_real_bluetoothctl_takes_the_air_for_blue_z(offer):
    program = shutil.which("bluetoothctl")
    if program is None:
        pytest.skip("no bluetoothctl here; install the package bluez")

    async def story():
        air = Air(1)
        async with offer(air):
            client = await asyncio.create_subprocess_exec(
                program, "--timeout", "2", "scan", "le", stdout=-1, stderr=-2, env=dict(os.environ)
            )
            telling = asyncio.create_task(client.communicate())
            rssi = -60
            while not telling.done():
                rssi -= air.advertise(TAG, max(rssi, -100), name="tag", tx_power_dbm=-4)
                await asyncio.sleep(0.02)
            return telling.result()[0].decode()

    told = asyncio.run(story())
    assert "Discovery started" in told
    assert f"Device {TAG} tag" in told
    assert f"Device {TAG} RSSI: -61" in told
