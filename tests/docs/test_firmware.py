"""docs/firmware.md: its example runs and prints what the page shows."""

from __future__ import annotations

import contextlib
import io
import json

from tests.paths import DOCS


def test_the_page_for_firmware_engineers_is_true():
    page = (DOCS / "firmware.md").read_text()
    code = page.split("```python\n")[1].split("```")[0]
    wanted = page.split("```text\n")[1].split("```")[0]
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(code, "docs/firmware.md", "exec"), {})
    assert said.getvalue() == wanted
    for command in ("probe", "run", "judge"):
        assert f"badge {command}" in page + (DOCS / "hardware.md").read_text()
    assert json.dumps("never run")[1:-1] in page
