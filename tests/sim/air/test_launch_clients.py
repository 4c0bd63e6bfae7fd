"""Real programs, unmodified, in processes of their own, on a BlueZ 5.66: `docs/air.md` lists them.

Each is run where it is installed: Python's from the extra `clients`, Debian's by the system's own
Python, node-ble where `NODE_PATH` leads to it.
"""

from __future__ import annotations

import functools
import os
import select
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from sim.air.feed import Report, as_configured
from sim.air.launch import launch_air
from sim.air.payloads import Moment, payload_of
from sim.air.radio.advert import Pdu, advert_of
from sim.air.radio.peripheral import CONFIGURATION, INTERVAL, NAME, Peripheral
from tests.command import started
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent / "clients"
RUUVI, BEACON, UID, BTHOME = (f"C0:AA:00:00:00:0{i}" for i in range(1, 5))
TAG = "C0:AA:00:00:00:07"
SILENT = "5A:11:22:33:44:55"
ROOM = {RUUVI: "ruuvi", BEACON: "ibeacon", UID: "eddystone-uid", BTHOME: "bthome"}
TREE = "/org/bluez /org/bluez/hci0"


def _say(air, count):
    moment = Moment(celsius=21.5, count=count, seconds=count)
    rows = [(mac, payload_of(word)(mac, moment)) for mac, word in ROOM.items()]
    rows.append((TAG, advert_of(flags=6, manufacturer_data={0xFFFF: b"tag"})))
    rows.append((SILENT, advert_of(pdu=Pdu.NON_CONNECTABLE)))
    reports = [Report(0, "hci0", mac, -50 - 3 * i, one) for i, (mac, one) in enumerate(rows)]
    for one in as_configured(reports, air.peripherals):
        air.deliver(one.adapter, one.mac, one.rssi_dbm, one.advert)


@pytest.fixture(scope="module")
def room():
    """Offer a room of six tags that advertise all the time; return the environment for it."""
    over = threading.Event()
    with launch_air(bluez="5.66") as air:
        air.act(lambda there: there.peripherals.update({TAG: Peripheral("Badge 7")}))

        def advertise():
            for count in range(10**9):
                if over.wait(0.05):
                    return
                air.act(functools.partial(_say, count=count))

        thread = threading.Thread(target=advertise)
        thread.start()
        try:
            # Told of CI a client may take a dummy adapter (ruuvitag-sensor does): here is a bus.
            inherited = {word: value for word, value in os.environ.items() if word != "CI"}
            yield {**inherited, **air.environment}
        finally:
            over.set()
            thread.join()


def said(room, *words, feed=None):
    """Run a program on the room's bus; return what it prints."""
    done = subprocess.run(
        words, env=room, input=feed, capture_output=True, text=True, timeout=PATIENCE_S
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def needed(*names):
    """Skip without these programs."""
    for name in names:
        if shutil.which(name) is None:
            pytest.skip(f"no {name} here")


def script(room, name, *arguments, module, python=sys.executable):
    """Run a client's script in a Python that has its module."""
    if subprocess.run([python, "-c", f"import {module}"], capture_output=True).returncode:
        pytest.skip(f"no {module} for {python}")
    return said(room, python, str(HERE / name), *arguments)


def test_busctl(room):
    needed("busctl")
    assert "/org/bluez/hci0" in said(room, "busctl", "tree", "org.bluez")
    told = said(room, "busctl", "introspect", "org.bluez", "/org/bluez/hci0")
    assert "org.bluez.AdvertisementMonitorManager1" in told
    target = ("org.bluez", "/org/bluez/hci0", "org.bluez.Adapter1")
    assert said(room, "busctl", "get-property", *target, "Powered").strip() == "b true"
    assert "org.bluez" in said(room, "busctl", "list")


def test_busctl_monitor(room):
    needed("busctl")
    with started(["busctl", "monitor"], env=room, stdout=-1, stderr=-3) as monitor:
        # Its first words come when the bus shows it what others say, once it listens.
        shown, until_s = b"", time.monotonic() + PATIENCE_S
        while b"GetConnectionCredentials" not in shown and b"Hello" not in shown:
            assert time.monotonic() < until_s, shown
            said(room, "busctl", "status", "org.bluez")
            if select.select([monitor.stdout], [], [], 0.2)[0]:
                shown += os.read(monitor.stdout.fileno(), 1 << 16)


def test_gdbus(room):
    needed("gdbus")
    place = ("--system", "--dest", "org.bluez", "--object-path", "/org/bluez/hci0")
    assert "StartDiscovery();" in said(room, "gdbus", "introspect", *place)
    method = ("--method", "org.freedesktop.DBus.Properties.Get", "org.bluez.Adapter1", "Name")
    assert said(room, "gdbus", "call", *place, *method).strip() == "(<'BlueZ 5.66'>,)"


def test_dbus_send(room):
    needed("dbus-send")
    words = ("--system", "--print-reply", "--dest=org.bluez", "/", "org.freedesktop.DBus.Peer.Ping")
    assert "method return" in said(room, "dbus-send", *words)


def test_bluetoothctl(room):
    needed("bluetoothctl")
    told = said(room, "bluetoothctl", "--timeout", "3", "scan", "on")
    assert "Discovery started" in told
    assert RUUVI in told
    assert "Name: BlueZ 5.66" in said(room, "bluetoothctl", "show")


def test_bluez_tools(room):
    needed("bt-adapter", "timeout")
    assert "Name: BlueZ 5.66" in said(room, "bt-adapter", "--info")


@pytest.mark.parametrize("mode", ["ACTIVE", "PASSIVE"])
def test_habluetooth(room, mode):
    # Its passive patterns are flags: what sends none is not heard.
    heard = 6 if mode == "ACTIVE" else 5
    told = script(room, "habluetooth_scan.py", mode, str(heard), module="habluetooth")
    assert len(told.splitlines()) == heard


def test_bluetooth_adapters(room):
    told = script(room, "adapters.py", module="bluetooth_adapters")
    assert told.split() == ["hci0", "02:00:00:00:00:00", "True"]


def test_ruuvitag_sensor(room):
    told = script(room, "ruuvi.py", module="ruuvitag_sensor")
    assert told.split() == [RUUVI, "5", "21.5", "3000"]


def test_theengs_decoder(room):
    told = script(room, "theengs.py", module="TheengsDecoder")
    assert {"RuuviTag_RAWv2", "IBEACON"} <= set(told.split())


def test_simplepyble(room):
    told = script(room, "simple.py", TAG, CONFIGURATION, NAME, module="simplepyble")
    # It scans without a filter: BlueZ does not show it the one that has no discoverable flag.
    assert told.split("\n")[:2] == ["5", "Badge 7"]


def test_btleplug(room):
    assert script(room, "btleplug.py", module="bleak_py").strip() == "6"


def test_jeepney(room):
    address = room["DBUS_SYSTEM_BUS_ADDRESS"]
    assert script(room, "jeepney_tree.py", address, module="jeepney").strip() == TREE


def test_dbus_next(room):
    address = room["DBUS_SYSTEM_BUS_ADDRESS"]
    told = script(room, "dbus_next_proxy.py", address, module="dbus_next")
    assert told.strip() == "BlueZ 5.66 True"


SYSTEM_PYTHON = "/usr/bin/python3"


def test_dbus_python(room):
    told = script(room, "dbus_python.py", module="dbus, gi", python=SYSTEM_PYTHON)
    assert int(told) >= 3


def test_pydbus(room):
    told = script(room, "pydbus_proxy.py", module="pydbus", python=SYSTEM_PYTHON)
    assert told.strip() == "BlueZ 5.66 True"


def test_gio(room):
    assert script(room, "gio.py", module="gi", python=SYSTEM_PYTHON).strip() == TREE


def test_node_ble(room):
    needed("node")
    if subprocess.run(["node", "-e", "require('node-ble')"], capture_output=True).returncode:
        pytest.skip("no node-ble; npm install node-ble, and let NODE_PATH lead to it")
    told = said(room, "node", str(HERE / "node_ble.js"), TAG, CONFIGURATION, NAME, INTERVAL)
    assert told.split("\n")[:2] == ["Badge 7", "1000"]
