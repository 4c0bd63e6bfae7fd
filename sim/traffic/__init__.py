"""Traffic as it was: what was recorded or logged goes out again, batch by batch, timed."""
