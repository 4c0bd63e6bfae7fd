"""How requests and answers are written: lines, JSON arguments, crc, COBS, serial over I2C."""
