"""What a conformance check is made of: samples, a session with the backend, what was said in it."""
