"""A fuzzer for every reader of foreign bytes: `python -m tests.fuzz.run --inputs 100000`."""
