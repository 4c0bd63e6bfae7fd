"""docs/mcp.md: its tools are those there are, its configuration starts one, its bounds hold."""

from __future__ import annotations

import json
import re

from badge.cli.mcp import calls, guard
from badge.cli.mcp.tools import TOOLS
from tests.command import call
from tests.docs.pages import fenced
from tests.paths import DOCS

PAGE = DOCS / "mcp.md"


def test_the_configuration_starts_the_command_with_words_that_it_knows():
    (block,) = (one.text for one in fenced(PAGE) if one.info == "json")
    (server,) = json.loads(block)["mcpServers"].values()
    assert server["command"] == "badge"
    assert call(*server["args"], "--help").code == 0


def test_the_table_names_every_tool_with_all_that_it_takes_and_no_more():
    rows = re.findall(r"^\| `(\w+)` \| (.*) \| `badge (.*)` \|$", PAGE.read_text("utf-8"), re.M)
    told = {name: set(re.findall(r"`(\w+)`", takes)) for name, takes, _ in rows}
    assert told == {one.name: set(one.takes.model_fields) for one in TOOLS}


def test_the_bounds_are_those_of_the_code():
    text = " ".join(PAGE.read_text("utf-8").split())
    assert f"A result may have {calls.OUTPUT_BYTES_MAX >> 20} MiB" in text
    assert f"a file {guard.FILE_BYTES_MAX >> 30} GiB" in text
    assert f"a process {guard.MEMORY_BYTES_MAX >> 30} GiB" in text
    assert calls.WAITING_MAX == 16
    assert "sixteen wait" in text
    assert set(re.findall(r"`(BADGE_\w+)`", text)) == set(calls.KEYS)
    assert "(300)" in text
    assert "[default: 300" in call("mcp", "--help").out
