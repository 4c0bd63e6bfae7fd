"""One badge of a scenario: its sensors, battery and uplink, and a store that remembers all."""
