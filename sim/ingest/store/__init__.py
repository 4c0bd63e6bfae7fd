"""What the ingest keeps, in SQLite: events, devices and their keys, tags, parcels."""
