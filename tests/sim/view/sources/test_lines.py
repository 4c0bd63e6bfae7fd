import io
import sys

import pytest

from sim.view.sources.lines import main, table_in_c, table_of
from tests.sim.compiled.rig import library

pa = pytest.importorskip("pyarrow", reason="needs the extra [test]")


@pytest.mark.parametrize("name", ["truth/events.ndjson", "events.ndjson"])
def test_c_reads_what_pyarrow_reads(run, name):
    library()  # skips where it is not built
    one, two = table_in_c(run / name), table_of(run / name)
    assert one.num_rows == len((run / name).read_bytes().splitlines())
    for column in two.column_names:
        if column != "payload":
            assert one[column].combine_chunks().equals(two[column].combine_chunks()), column


@pytest.mark.parametrize("line", [b"{broken", b"", b"[]", b'{"device_id":"A","payload":{}}'])
def test_c_reads_all_lines_or_none(run, tmp_path, line):
    library()
    lines = (run / "events.ndjson").read_bytes().splitlines()
    (tmp_path / "x").write_bytes(b"\n".join([*lines[:5], line, *lines[5:9]]) + b"\n")
    if line.endswith(b"}}"):
        with pytest.raises(ValueError, match="not all of it are events"):
            table_in_c(tmp_path / "x")
    else:
        assert table_in_c(tmp_path / "x") is None


def test_the_columns_of_a_runs_lines_have_their_types(run, monkeypatch):
    path = run / "truth" / "events.ndjson"
    table = table_of(path)
    assert table.num_rows == len(path.read_bytes().splitlines())
    kinds = {name: str(table.schema.field(name).type) for name in ("lat", "tag_mac", "delivered")}
    assert kinds == {"lat": "double", "tag_mac": "string", "delivered": "bool"}
    out = io.TextIOWrapper(io.BytesIO())
    monkeypatch.setattr(sys, "argv", ["lines", str(path)])
    monkeypatch.setattr(sys, "stdout", out)
    main()
    out.buffer.seek(0)
    assert pa.ipc.open_stream(out.buffer).read_all().equals(table)
