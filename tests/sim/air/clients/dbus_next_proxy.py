import asyncio
import sys

from dbus_next.aio import MessageBus


async def main():
    bus = await MessageBus(bus_address=sys.argv[1]).connect()
    node = await bus.introspect("org.bluez", "/org/bluez/hci0")
    proxy = bus.get_proxy_object("org.bluez", "/org/bluez/hci0", node)
    adapter = proxy.get_interface("org.bluez.Adapter1")
    await adapter.call_start_discovery()
    print(await adapter.get_name(), await adapter.get_discovering())
    await adapter.call_stop_discovery()


asyncio.run(main())
