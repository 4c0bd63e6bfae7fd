"""No input ends a reader otherwise than by its own refusal; `tests.fuzz.run` runs 100,000 each."""

from __future__ import annotations

import pytest

from tests.fuzz.readers import READERS
from tests.fuzz.run import fuzz
from tests.fuzz.worker import is_there

FEW, INPUTS = 50, 500
SEED = 1


@pytest.mark.parametrize("inputs", [FEW, pytest.param(INPUTS, marks=pytest.mark.slow)])
def test_every_reader_reads_or_refuses(inputs):
    names = [name for name, reader in READERS.items() if is_there(reader)]
    found = fuzz(names, inputs, SEED)
    told = [
        f"{one.what}\n  python -m tests.fuzz.run {one.reader} --seed {SEED} --only {one.number}"
        for one in found.findings
    ]
    assert told == []
    assert all(found.read[name] + found.refused[name] for name in names)
