const {createBluetooth} = require('node-ble')
const [mac, configuration, name, interval] = process.argv.slice(2)
const {bluetooth, destroy} = createBluetooth()

async function main () {
  const adapter = await bluetooth.defaultAdapter()
  await adapter.startDiscovery()
  const device = await adapter.waitDevice(mac)
  await device.connect()
  const service = await (await device.gatt()).getPrimaryService(configuration)
  console.log((await (await service.getCharacteristic(name)).readValue()).toString())
  const told = await service.getCharacteristic(interval)
  await told.startNotifications()
  const notified = new Promise(resolve => told.once('valuechanged', resolve))
  await told.writeValue(Buffer.from([0xe8, 3]))
  console.log((await notified).readUInt16LE())
  await device.disconnect()
  await adapter.stopDiscovery()
  destroy()
}

main().catch(error => { console.error(error); process.exit(1) })
