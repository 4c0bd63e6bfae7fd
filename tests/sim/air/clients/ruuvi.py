import asyncio

from ruuvitag_sensor.ruuvi import RuuviTagSensor


async def main():
    async for mac, told in RuuviTagSensor.get_data_async():
        print(mac, told["data_format"], told["temperature"], told["battery"])
        break


asyncio.run(main())
