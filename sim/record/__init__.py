"""One badge through recorded input: a track, what was heard on it, and a real ingest."""
