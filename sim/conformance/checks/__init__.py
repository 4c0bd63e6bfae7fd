"""All checks of an ingest, a file a subject; importing one enters its checks into the table."""
