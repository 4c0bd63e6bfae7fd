import asyncio
import sys

from bluetooth_adapters import get_adapters
from habluetooth import BluetoothManager, BluetoothScanningMode, HaScanner, set_manager


async def main():
    manager = BluetoothManager(get_adapters())
    set_manager(manager)
    await manager.async_setup()
    mode = BluetoothScanningMode[sys.argv[1]]
    scanner = HaScanner(mode, "hci0", "02:00:00:00:00:00")
    scanner.async_setup()
    manager.async_register_scanner(scanner)
    await scanner.async_start()
    for _ in range(200):
        if len(scanner.discovered_devices) >= int(sys.argv[2]):
            break
        await asyncio.sleep(0.05)
    for device in scanner.discovered_devices:
        print(device.address, device.name)
    await scanner.async_stop()
    manager.async_stop()


asyncio.run(main())
