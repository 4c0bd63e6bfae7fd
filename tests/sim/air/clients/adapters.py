import asyncio

from bluetooth_adapters import get_adapters


async def main():
    found = get_adapters()
    await found.refresh()
    for name, adapter in found.adapters.items():
        print(name, adapter["address"], adapter["passive_scan"])


asyncio.run(main())
