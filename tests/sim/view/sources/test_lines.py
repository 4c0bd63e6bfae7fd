import io
import sys

import pytest

from sim.view.sources.lines import main, table_of

pa = pytest.importorskip("pyarrow")


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
