"""The ingest put to the test: real processes on loopback, killed under load, and abused.

`plan` draws the moments, `load` is the badges, `account` what they were promised, `audit` compares
the database with it, `run` does it all; `abuse` and `disk` are what a bad client and a bad disk do.
"""
