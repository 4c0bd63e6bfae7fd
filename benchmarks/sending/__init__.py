"""What `benchmarks/send.py` measures against: a sink, and Locust's user."""
