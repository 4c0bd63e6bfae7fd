import json

import pytest

from sim.reconcile.comparison.differences import MISSING, TWICE, Difference
from sim.reconcile.examples import Examples, open_sink


def found(number, kind=MISSING):
    return Difference(kind, "ACT-00000001", number)


def test_the_first_of_each_kind_are_kept():
    examples = Examples(2)
    for number in range(5):
        examples.found(found(number))
    examples.found(found(9, TWICE))
    kept = {kind: [one.sequence_number for one in some] for kind, some in examples.of.items()}
    assert kept == {"missing": [0, 1], "twice": [9]}


def test_all_of_them_are_lines_of_a_file(tmp_path):
    path, examples = tmp_path / "d.ndjson", Examples(1)
    with open_sink(examples, path) as sink:
        for number in range(3):
            sink.found(found(number))
    numbers = [json.loads(line)["sequence_number"] for line in path.read_text().splitlines()]
    assert numbers == [0, 1, 2]
    assert len(examples.of["missing"]) == 1


def test_a_comparison_that_breaks_leaves_the_file_of_before(tmp_path):
    path = tmp_path / "d.ndjson"
    path.write_text("before\n")

    def broken():
        with open_sink(Examples(1), path) as sink:
            sink.found(found(1))
            raise OSError(28, "full")

    with pytest.raises(OSError, match="full"):
        broken()
    assert path.read_text() == "before\n"
    assert list(tmp_path.iterdir()) == [path]
