from __future__ import annotations

import re
from contextlib import redirect_stdout
from io import StringIO

from tests.paths import DOCS

DOC = DOCS / "world.md"


def test_the_first_example_prints_what_the_page_says():
    text = DOC.read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", text, re.S)
    told = re.search(r"```text\n(.*?)```", text, re.S)
    assert code is not None
    assert told is not None
    with redirect_stdout(StringIO()) as printed:
        exec(compile(code[1], str(DOC), "exec"), {})
    assert printed.getvalue() == told[1]


def test_every_picture_of_the_page_is_there():
    for name in re.findall(r"\]\((images/[^)]+)\)", DOC.read_text(encoding="utf-8")):
        assert (DOC.parent / name).stat().st_size > 5_000
