"""What the ingest decides, without HTTP, threads or a clock of its own."""
