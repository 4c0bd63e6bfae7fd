"""The order in which objects and their changes are told."""

from __future__ import annotations

import pytest
from dbus_fast import Message

from sim.air.bluez.interfaces import ADAPTER, DEVICE, INTERFACES, PROPERTIES
from sim.air.bluez.objects import BusRefusalError, ObjectPart, Objects

ROOT, HCI0, TAG = "/org/bluez", "/org/bluez/hci0", "/org/bluez/hci0/dev_1"


class Told:
    """Signals as short words, and what waits for a quiet moment."""

    def __init__(self, merge=True):
        self.words, self.waiting = [], []
        self.objects = Objects(self._emit, self.waiting.append, "0" * 32, merge=merge)
        self.values = {"RSSI": -60, "TxPower": 4}

    def _emit(self, signal):
        if signal.member == "PropertiesChanged":
            _, new, gone = signal.body
            self.words.append((signal.path[-5:], {k: v.value for k, v in new.items()}, gone))
        else:
            self.words.append((signal.member[10:], signal.body[0][-5:], list(signal.body[1])))

    def add(self, path=TAG):
        self.objects.add(path, ObjectPart(INTERFACES[DEVICE], lambda: self.values))

    def quiet(self):
        for action in self.waiting:
            action()
        self.waiting.clear()
        told, self.words = self.words, []
        return told


def test_changes_wait_and_become_one_signal_with_the_last_values():
    told = Told()
    told.add()
    told.quiet()
    told.objects.changed(TAG, DEVICE, ["RSSI"])
    told.values["RSSI"] = -61
    told.objects.changed(TAG, DEVICE, ["TxPower", "RSSI"])
    assert told.words == []
    assert told.quiet() == [("dev_1", {"RSSI": -61, "TxPower": 4}, [])]


def test_an_ideal_one_tells_every_change_at_once():
    told = Told(merge=False)
    told.add()
    told.words.clear()
    for told.values["RSSI"] in (-61, -62):
        told.objects.changed(TAG, DEVICE, ["RSSI"])
    assert [word[1] for word in told.words] == [{"RSSI": -61}, {"RSSI": -62}]


def test_what_changes_before_it_is_announced_is_in_the_announcement():
    told = Told()
    told.add()
    told.objects.changed(TAG, DEVICE, ["RSSI"])
    ((kind, _, names),) = told.quiet()
    assert (kind, names[1:]) == ("Added", [DEVICE, PROPERTIES])


def test_what_is_gone_is_told_as_gone_the_last_first():
    told = Told()
    told.add()
    told.quiet()
    told.values.clear()
    told.objects.changed(TAG, DEVICE, ["RSSI", "TxPower"])
    assert told.quiet() == [("dev_1", {}, ["TxPower", "RSSI"])]


def test_an_object_says_its_last_changes_and_goes_before_others_are_told():
    told = Told()
    told.add(HCI0)
    told.add()
    told.quiet()
    told.objects.changed(HCI0, DEVICE, ["RSSI"])
    told.objects.changed(TAG, DEVICE, ["TxPower"])
    told.objects.remove(TAG)
    assert [word[0] for word in told.quiet()] == ["dev_1", "Removed", "/hci0"]


def test_the_newest_object_is_listed_first_below_its_own():
    told = Told()
    for path in (ROOT, HCI0, "/org/bluez/hci1", TAG, HCI0 + "/dev_2"):
        told.add(path)
    assert list(told.objects.tree()) == [
        ROOT,
        "/org/bluez/hci1",
        HCI0,
        HCI0 + "/dev_2",
        TAG,
    ]


@pytest.mark.parametrize(
    ("path", "interface", "member", "name"),
    [
        (HCI0, DEVICE, "Connect", "UnknownObject"),
        (TAG, ADAPTER, "StartDiscovery", "UnknownMethod"),
        (TAG, DEVICE, "Connect", "UnknownMethod"),
        ("/nowhere", "org.freedesktop.DBus.Introspectable", "Introspect", "UnknownObject"),
    ],
)
def test_what_is_not_there_is_an_error_of_the_bus(path, interface, member, name):
    told = Told()
    told.add()
    with pytest.raises(BusRefusalError) as caught:
        told.objects.call(Message("org.bluez", path, interface, member))
    assert caught.value.args[0] == name
