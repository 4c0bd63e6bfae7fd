"""org.bluez on a bus: objects, methods and signals as BlueZ has them, fed by the radio side."""
