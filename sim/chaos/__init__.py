"""Fleets under every fault: many badges, one clock, one seed, faults of every kind, all checked."""
