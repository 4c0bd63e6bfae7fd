from __future__ import annotations

from xml.etree import ElementTree

from badge.host.junit import JunitCase, write_junit


def test_junit_takes_any_text(tmp_path):
    path = tmp_path / "r.xml"
    write_junit(
        path, "s", [JunitCase("g", "n\x00", "first\nsecond <&\x1b"), JunitCase("g", "good")]
    )
    root = ElementTree.parse(path).getroot()
    assert (root.get("tests"), root.get("failures")) == ("2", "1")
    assert root[0][0][0].get("message") == "first"
