"""Where people, tags, RSSI, fixes, milliamps and bars come from: pure, seeded models."""
