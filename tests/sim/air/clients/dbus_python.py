import dbus
import dbus.mainloop.glib
from gi.repository import GLib

dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
bus = dbus.SystemBus()
adapter = dbus.Interface(bus.get_object("org.bluez", "/org/bluez/hci0"), "org.bluez.Adapter1")
found, loop = set(), GLib.MainLoop()


def added(path, interfaces):
    found.add(interfaces["org.bluez.Device1"]["Address"])
    if len(found) >= 3:
        loop.quit()


manager = "org.freedesktop.DBus.ObjectManager"
bus.add_signal_receiver(added, dbus_interface=manager, signal_name="InterfacesAdded")
adapter.SetDiscoveryFilter({"Transport": "le"})
adapter.StartDiscovery()
GLib.timeout_add_seconds(10, loop.quit)
loop.run()
print(len(found))
adapter.StopDiscovery()
