"""docs/design.md tells the way of one GPS sample as it is: every file that it names takes part."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.paths import DOCS, ROOT

PAGE = (DOCS / "design.md").read_text(encoding="utf-8")
WAY = PAGE.partition("## The way of one GPS sample")[2].partition("## Where a change goes")[0]
ROWS = "\n".join(line for line in WAY.splitlines() if line.startswith("|"))
FILES = re.findall(r"`((?:badge|sim)/[\w/]+\.py)`", ROWS)
OTHERS = re.findall(r"`((?:badge|sim|hil)/[\w/]+\.py)`", WAY)


def test_every_file_on_the_way_is_there():
    assert FILES
    assert all((ROOT / file).is_file() for file in OTHERS)


def test_a_crew_really_goes_that_way(tmp_path):
    """Profile a short run and compare the files whose code was entered."""
    code = (
        "import sys\nroot, seen = sys.argv[1] + '/', set()\n"
        "def follow(frame, event, argument):\n"
        "    if event == 'call': seen.add(frame.f_code.co_filename.removeprefix(root))\n"
        "from badge.cli import main\n"
        "sys.argv = ['badge', 'simulate', 'crew-of-five', '--hours', '1', '--badges', '1',"
        " '--jobs', '1', '--out', sys.argv[2]]\n"
        "import threading\nthreading.setprofile(follow); sys.setprofile(follow)\n"
        "try: main.main()\nexcept SystemExit: pass\n"
        "sys.setprofile(None)\nprint(*sorted(seen), sep='\\n')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(ROOT), str(tmp_path / "run")],
        capture_output=True,
        text=True,
        check=True,
    )
    entered = set(done.stdout.splitlines())
    missing = [file for file in FILES if file not in entered]
    assert missing == []


def test_the_page_counts_them():
    words = {7: "seven", 8: "eight", 9: "nine", 18: "Eighteen", 19: "Nineteen", 20: "Twenty"}
    assert f"{words[len(FILES)]} files." in WAY
    assert f"in place of the {words[sum(f.startswith('sim/') for f in FILES)]} of `sim`" in WAY
