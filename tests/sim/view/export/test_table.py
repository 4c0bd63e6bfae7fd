import csv
import io

from sim.view.export.table import HEADINGS, write_csv
from sim.view.open import open_picture


def table_of(opened):
    file = io.BytesIO()
    write_csv(opened, file)
    return list(csv.DictReader(io.StringIO(file.getvalue().decode(), newline="")))


def test_a_csv_reader_finds_a_row_for_each_event(run):
    opened = open_picture([str(run)])
    rows = table_of(opened)
    assert len(rows) == opened.picture.rows
    assert tuple(rows[0]) == HEADINGS
    assert [int(row["ms"]) for row in rows] == sorted(int(row["ms"]) for row in rows)
    fix = next(row for row in rows if row["event_type"] == "gps")
    assert 45 < float(fix["lat"]) < 46
    assert float(fix["accuracy_m"]) > 0
    assert {row["fate"] for row in rows} <= {"delivered", "queued", "overflowed"}


def test_no_name_becomes_a_formula(run):
    opened = open_picture([str(run)])
    opened.picture.document["devices"][0]["worker"] = '=HYPERLINK("x")'
    assert table_of(opened)[0]["worker"].startswith("'=") or any(
        row["worker"].startswith("'=") for row in table_of(opened)
    )
