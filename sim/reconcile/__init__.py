"""Compare what a backend holds with what the badges logged, and say where they differ."""
