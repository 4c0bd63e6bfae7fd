from gi.repository import Gio

bus = Gio.bus_get_sync(Gio.BusType.SYSTEM, None)
manager = Gio.DBusObjectManagerClient.new_sync(
    bus, Gio.DBusObjectManagerClientFlags.NONE, "org.bluez", "/", None, None, None
)
paths = [one.get_object_path() for one in manager.get_objects()]
print(*sorted(path for path in paths if "dev_" not in path))
