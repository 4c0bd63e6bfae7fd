"""The fleet under fire: many badges, one clock, one seed, faults of every kind, all checked."""
