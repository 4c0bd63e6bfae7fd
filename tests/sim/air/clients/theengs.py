import asyncio
import json

from bleak import BleakScanner
from TheengsDecoder import decodeBLE

models = {}


def hear(device, advert):
    told = {"id": device.address, "rssi": advert.rssi, "name": device.name or ""}
    for company, value in advert.manufacturer_data.items():
        told["manufacturerdata"] = company.to_bytes(2, "little").hex() + value.hex()
    for uuid, value in advert.service_data.items():
        told["servicedatauuid"], told["servicedata"] = uuid[4:8], value.hex()
    decoded = decodeBLE(json.dumps(told))
    if decoded:
        models[device.address] = json.loads(decoded)["model_id"]


async def main():
    async with BleakScanner(hear):
        for _ in range(200):
            if len(models) >= 2:
                break
            await asyncio.sleep(0.05)
    print(*sorted(models.values()))


asyncio.run(main())
