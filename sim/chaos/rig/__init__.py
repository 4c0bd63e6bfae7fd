"""A badge under faults and all that is around it: power, sensors, flash, network, ingest."""
