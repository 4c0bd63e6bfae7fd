"""Real recorded input: walks (GPX, NMEA logs) and heard adverts (captures, RSSI tables)."""
