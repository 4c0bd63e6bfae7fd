"""A scenario becomes badges on a clock: their days, their batches, and the truth about them."""
