"""Speed as ratios in one run on one core: `python -m benchmarks NAME`."""
