import sys

from jeepney import DBusAddress, new_method_call
from jeepney.io.blocking import open_dbus_connection

connection = open_dbus_connection(bus=sys.argv[1])
objects = DBusAddress("/", bus_name="org.bluez", interface="org.freedesktop.DBus.ObjectManager")
reply = connection.send_and_get_reply(new_method_call(objects, "GetManagedObjects"))
print(*sorted(path for path in reply.body[0] if "dev_" not in path))
