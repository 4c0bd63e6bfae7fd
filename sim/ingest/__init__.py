"""The reference ingest API of contract section 4, on SQLite.

Layers, each usable alone: `store` keeps, `api` decides (no HTTP, no threads), `app` speaks HTTP,
`launch_ingest` runs it inside a test, `serve` is the command.
"""
