"""The pages' shell blocks do what they say, in order, in an empty folder."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import ROOT

PAGES = [
    "docs/firmware.md",
    "docs/qa.md",
    "docs/backend.md",
    "docs/scenarios.md",
    "docs/view.md",
    "docs/seasons.md",
]


def shell_lines(page: str) -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```", (ROOT / page).read_text("utf-8"), re.M | re.S)
    return [line for block in blocks for line in block.splitlines() if line]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.slow
def test_every_shell_line_of_a_page_ends_as_it_says(page, tmp_path):
    folder = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    lines = shell_lines(page)
    assert lines
    for line in lines:
        done = subprocess.run(
            line, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        expected = 1 if "# exit 1" in line else 0
        assert done.returncode == expected, (line, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr


def test_no_figure_of_speech_has_to_be_explained():
    gone = "doubts aloud|deaf to distance|is one code|may not tell what it cannot keep"
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("[bsh]*/**/*.py")]:
        assert not re.search(gone, " ".join(path.read_text("utf-8").split())), path


def test_every_link_between_the_pages_leads_somewhere():
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("page", ["firmware", "backend", "qa"])
def test_each_readers_path_begins_with_a_task_and_a_picture_of_its_own(page):
    task, picture = (ROOT / "docs" / f"{page}.md").read_text("utf-8").split("\n\n")[1:3]
    assert task.startswith("**Task: ")
    assert re.fullmatch(rf"!\[.+\]\(images/path-{page}\.png\)", picture)
    assert (ROOT / "docs" / "images" / f"path-{page}.png").stat().st_size > 20_000
    assert f"images/path-{page}.png" in (ROOT / "docs" / "index.md").read_text("utf-8")


def test_nothing_is_installed_by_a_name_that_no_registry_has():
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        assert not re.search(r"(?<!/)badge-simulator\[", page.read_text("utf-8")), page
