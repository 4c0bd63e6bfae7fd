"""The ingest put to the test: real processes on loopback, killed under load, and abused.

`plan` draws the moments, `load` is the badges, `account` what they were promised, `audit` compares
the database with it, `run` does it all; `siege` makes the abuses that the kit for any backend has
(`sim.conformance.kit.abuse`), `disk` is what a bad disk does.
"""
