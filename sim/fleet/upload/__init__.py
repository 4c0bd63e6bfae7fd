"""Who answers uploads: a model, or a real ingest over HTTP, with keys and kept answers."""
