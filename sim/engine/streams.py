"""One run seed, many independent random streams, each found by its name."""

from __future__ import annotations

import random
from hashlib import blake2b

import numpy as np

SEED_BYTES = 16


def seed_of(run_seed: int, *names: str | int) -> int:
    """Name one stream: a 128-bit number that depends on the seed and on every name, in order.

    BLAKE2b over length-prefixed words, so ("a", "bc") and ("ab", "c") differ; the same on any
    machine and in any process.
    """
    words = [f"{type(word).__name__}:{word}".encode() for word in (run_seed, *names)]
    prefixed = b"".join([len(word).to_bytes(4, "big") + word for word in words])
    return int.from_bytes(blake2b(prefixed, digest_size=SEED_BYTES).digest(), "big")


def stream(run_seed: int, *names: str | int) -> np.random.Generator:
    """Open the numpy stream of that name (PCG64): same seed and names, same draws."""
    seed = seed_of(run_seed, *names).to_bytes(SEED_BYTES, "little")
    words = np.frombuffer(seed, "<u4")  # numpy takes the number apart, too, but slowly
    return np.random.Generator(np.random.PCG64(words))


def plain_stream(run_seed: int, *names: str | int) -> random.Random:
    """Open the standard library's stream of that name: cheaper than numpy for single draws."""
    return random.Random(seed_of(run_seed, *names))  # noqa: S311 -- a simulation, not a secret
