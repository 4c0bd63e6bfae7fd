import pydbus

bus = pydbus.SystemBus()
adapter = bus.get("org.bluez", "/org/bluez/hci0")
adapter.StartDiscovery()
print(adapter.Name, adapter.Discovering)
adapter.StopDiscovery()
