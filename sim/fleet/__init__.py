"""Many badges on one clock: seeds, flash, network, faults, checks and truth."""
