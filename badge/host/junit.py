"""JUnit XML, the report that every continuous integration reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from badge.host.files import whole_file

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class JunitCase:
    """One test case: `failure` is its text, or empty; `output` is kept beside it."""

    group: str
    name: str
    failure: str = ""
    output: str = ""
    seconds: float = 0.0


def write_junit(path: Path, suite: str, cases: Sequence[JunitCase]) -> None:
    """Write one suite, whole or not at all."""
    failures = sum(bool(case.failure) for case in cases)
    counts = {"tests": str(len(cases)), "failures": str(failures), "errors": "0"}
    time = {"time": f"{sum(case.seconds for case in cases):.3f}"}
    root = ElementTree.Element("testsuites", counts | time)
    element = ElementTree.SubElement(root, "testsuite", {"name": suite} | counts | time)
    for case in cases:
        _add(element, case)
    ElementTree.indent(root)
    with whole_file(path) as file:
        ElementTree.ElementTree(root).write(file, encoding="utf-8", xml_declaration=True)


def _add(suite: ElementTree.Element, case: JunitCase) -> None:
    names = {"classname": case.group, "name": _clean(case.name), "time": f"{case.seconds:.3f}"}
    element = ElementTree.SubElement(suite, "testcase", names)
    if case.failure:
        first = _clean(case.failure.partition("\n")[0])
        ElementTree.SubElement(element, "failure", {"message": first}).text = _clean(case.failure)
    if case.output:
        ElementTree.SubElement(element, "system-out").text = _clean(case.output)


def _clean(text: str) -> str:
    return _NOT_XML.sub("?", text)
