"""Every block of code of every page is run by a test, or the table says why not."""

from __future__ import annotations

import ast
import json
import re
import tomllib

import pytest
import yaml

from tests.docs import test_docs
from tests.docs.fences import FENCES, OF_SHELL, WHOLE, Fence
from tests.docs.pages import PAGES, SET_IN, Block, fenced, indented
from tests.paths import DOCS, ROOT

BLOCKS = [block for page in PAGES for block in (*fenced(page), *indented(page))]


def name(block: Block) -> str:
    return block.page.relative_to(ROOT).as_posix()


def rows(block: Block) -> list[Fence]:
    """The table's rows for a block; that of the pages whose shell lines are all run comes first."""
    if block.info == "sh" and name(block) in test_docs.PAGES:
        return [Fence(name(block), "", WHOLE)]
    text = block.text.lstrip()
    found = [row for row in FENCES if row.page == name(block) and text.startswith(row.begins)]
    return [row for row in found if block.info == "sh" or row.says not in OF_SHELL]


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_a_block_has_its_test_or_its_reason(block):
    assert rows(block), "no row in tests/docs/fences.py: name the test that runs it, or say why not"


def test_no_row_is_left_over():
    used = {row for block in BLOCKS for row in rows(block)}
    assert [row for row in FENCES if row not in used] == []


@pytest.mark.parametrize("says", sorted({row.says for row in FENCES} | {WHOLE}))
def test_a_row_names_a_test_that_there_is_and_that_reads_the_page(says):
    if says.startswith("not run: "):
        assert len(says) > 20
        return
    file, _, test = says.partition("::")
    text = (ROOT / file).read_text("utf-8")
    assert re.search(rf"^def {test}\(", text, re.M), says
    for page in {row.page for row in FENCES if row.says == says}:
        assert page.removeprefix("docs/") in text, f"{file} does not read {page}"


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_a_block_is_of_the_language_that_it_says(block):
    match block.info:
        case "python":
            compile(block.text, str(block), "exec")
        case "yaml":
            assert yaml.safe_load(block.text)
        case "toml":
            assert tomllib.loads(block.text)
        case "json":
            assert json.loads(block.text)
        case other if other == SET_IN:
            if re.match(r"(from|import|def|async) ", block.text):
                compile(block.text, str(block), "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        case other:
            assert other in ("", "sh", "text", "mermaid", "ini")


def test_the_python_of_the_ingest_page_runs():
    launched, plain = (one.text for one in fenced(DOCS / "ingest.md") if one.info == "python")
    exec(compile(launched, "docs/ingest.md", "exec"), {})
    given = {}
    exec(compile(plain, "docs/ingest.md", "exec"), given)
    assert given["answer"].status == 400


def test_blocks_are_seen_wherever_they_stand(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "1. A list:\n\n       badge one\n\n   ```sh\n   badge two\n   ```\n\n"
        '=== "tab"\n\n    ```sh\n    badge three\n    ```\n\n'
        "!!! note\n\n    ```sh\n    badge four\n    ```\n"
        "\nOr\n\n    badge five\n\n    badge six\n"
    )
    assert [(one.line, one.text) for one in fenced(page)] == [
        (5, "badge two\n"),
        (11, "badge three\n"),
        (17, "badge four\n"),
    ]
    assert [(one.line, one.text) for one in indented(page)] == [
        (3, "badge one\n"),
        (23, "badge five\n\nbadge six\n"),
    ]


def test_the_story_of_the_page_on_the_air_runs(monkeypatch, capsys):
    (story,) = (one.text for one in indented(DOCS / "air.md") if "asyncio.run" in one.text)
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "")  # the story sets it: put it back
    exec(compile(story, "docs/air.md", "exec"), {})
    assert "AA:BB:CC:DD:EE:01" in capsys.readouterr().out
