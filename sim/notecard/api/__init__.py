"""Notehub's HTTP API on loopback, as its clients know it; and the bench: faults and pins."""
