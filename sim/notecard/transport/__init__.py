"""The card in real time: pseudo terminal, serial port, I2C, HTTP, and the API of its Notehub."""
