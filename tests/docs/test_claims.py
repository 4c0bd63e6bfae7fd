"""What the pages say in figures, ports, exit codes and defaults is what the program has.

One place: a row of `CLAIMS` names the page, the words with the figure as a group, and where the
program has it.  The commands of all pages are read by the program's own parser.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from badge.cli import exits
from badge.config import BadgeConfig
from badge.contract.events import BATCH_EVENTS_LIMIT
from hil.dut import provision
from hil.gates import law
from sim.fleet.upload import http_backend
from sim.ingest.http.limits import Bounds
from sim.platforms.kit import receiver
from sim.sources import track
from sim.world import gnss
from tests.docs.pages import PAGES, commands, default_of, faults_of
from tests.paths import ROOT


def defaults(name: str) -> str:
    return str(BadgeConfig.model_fields[name].default)


Truth = Callable[[], object]
CLAIMS: tuple[tuple[str, str, Truth], ...] = (
    # ports
    ("docs/ingest.md", r"URL=http://127\.0\.0\.1:(\d+)", lambda: default_of("serve", "--port")),
    ("docs/conform.md", r"conform http://127\.0\.0\.1:(\d+)",
     lambda: default_of("serve", "--port")),
    ("docs/backend.md", r"--to http://127\.0\.0\.1:(\d+)", lambda: default_of("serve", "--port")),
    ("docs/scenarios.md", r"--to http://127\.0\.0\.1:(\d+)", lambda: default_of("serve", "--port")),
    ("docs/notecard.md", r"127\.0\.0\.1:(\d+)/api/notehub", lambda: default_of("serve", "--port")),
    ("docs/platforms.md", r"--to http://127\.0\.0\.1:(\d+)/ ",
     lambda: default_of("listen", "--port")),
    # exit codes
    ("docs/qa.md", r"(\d+) equal or done;", lambda: exits.EXIT_OK),
    ("docs/qa.md", r"; (\d+) differences, or", lambda: exits.EXIT_DIFFERS),
    ("docs/qa.md", r"; (\d+) the input or the\s+usage", lambda: exits.EXIT_BAD_INPUT),
    ("docs/qa.md", r"^(\d+) a fault of this program", lambda: exits.EXIT_INTERNAL),
    ("docs/qa.md", r"; (\d+) interrupted", lambda: exits.EXIT_INTERRUPTED),
    ("docs/reconcile.md", r"exit code is 0 for clean, (\d+) for diff", lambda: exits.EXIT_DIFFERS),
    ("docs/scenarios.md", r"SIGTERM \| (\d+) \|", lambda: exits.EXIT_INTERRUPTED),
    ("docs/reliability.md", r"2 wrong usage;\s+(\d+) Ctrl-C", lambda: exits.EXIT_INTERRUPTED),
    # defaults of options
    ("docs/scenarios.md", r"`--give-up` \((\d+s?) ?s;", lambda: seconds("simulate", "--give-up")),
    ("docs/ingest.md", r"within (\d+) s \(`--patience`\)",
     lambda: default_of("serve", "--patience")),
    ("docs/firmware.md", r"`--tolerance` \((\d+) s\)", lambda: seconds("judge", "--tolerance")),
    ("docs/notecard.md", r"how long the network takes \(default (\d+) s\)",
     lambda: default_of("notecard", "--registration")),
    # figures
    ("docs/qa.md", r"at most (\d+) s apart", lambda: track.MAX_GAP_MS // 1000),
    ("docs/scenarios.md", r"after (0\.25) s, doubling", lambda: http_backend.FIRST_PAUSE_S),
    ("docs/scenarios.md", r"s, doubling to (\d+) s", lambda: http_backend.LONGEST_PAUSE_S),
    ("docs/world.md", r"First fix: cold (\d+) ± 4 s", lambda: gnss.FIRST_FIX_S["cold"][0]),
    ("docs/firmware.md", r"every key\]\(device-config\.md\), all (\d+),",
     lambda: len(BadgeConfig.model_fields)),
    ("docs/firmware.md", r"…all (\d+) keys…", lambda: len(BadgeConfig.model_fields)),
    ("docs/console.md", r"…all (\d+) keys of", lambda: len(BadgeConfig.model_fields)),
    ("docs/console.md", r"within (\d+) s `\{\"ok\":true\}`", lambda: provision.ANSWER_TIMEOUT_S),
    ("docs/console.md", r"within (\d+) s of that, when", lambda: provision.REBOOT_TIMEOUT_S),
    ("docs/firmware.md", r"waits (\d+) s for its `reboot`", lambda: provision.REBOOT_TIMEOUT_S),
    ("docs/platforms.md", r"holds more than ([\d,]+) events", lambda: receiver.EVENTS_LIMIT),
    ("docs/platforms.md", r"bounded: the last ([\d,]+) keys", lambda: receiver.SEEN_LIMIT),
    ("docs/contract.md", r"JSON array of 1 to (\d+) events of one device",
     lambda: BATCH_EVENTS_LIMIT),
    ("docs/ingest.md", r"more than (\d+) events", lambda: BATCH_EVENTS_LIMIT),
    ("docs/ingest.md", r"over (\d+) requests wait", lambda: Bounds().waiting_requests),
    ("docs/ingest.md", r"or over (\d+) MiB of bodies", lambda: Bounds().room_bytes >> 20),
    ("docs/backend.md", r"array of 1 to (\d+) events", lambda: defaults("batch_events_max")),
    ("docs/backend.md", r"backs off: (\d+) s", lambda: defaults("backoff_first_s")),
    ("docs/glossary.md", r"up to (\d+) events of one device", lambda: defaults("batch_events_max")),
    ("docs/contract.md", r"(\d+) h: five badges online", lambda: law.HOURS),
    ("docs/contract.md", r"of (\d+) GPS samples", lambda: law.GPS_SAMPLES),
    ("docs/contract.md", r"of (\d+) scan cycles", lambda: law.CYCLES),
    ("docs/contract.md", r"cut with (\d+) events waiting", lambda: law.QUEUED),
)  # fmt: skip


def seconds(command: str, option: str) -> object:
    found = default_of(command, option)
    return found.removesuffix("s") if isinstance(found, str) else found


def number(value: object) -> float:
    return float(str(value).replace(",", ""))


@pytest.mark.parametrize(
    ("page", "words", "truth"), CLAIMS, ids=[f"{page}: {words}" for page, words, _ in CLAIMS]
)
def test_a_figure_of_a_page_is_that_of_the_program(page, words, truth):
    told = re.findall(words, (ROOT / page).read_text("utf-8"), re.M)
    assert told, "the page no longer says this: take the row out, or mend its words"
    assert {number(one) for one in told} == {number(truth())}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_of_a_page_has_the_options_that_it_is_given(page):
    found = {" ".join(words): faults_of(words) for words in commands(page)}
    assert {line: fault for line, fault in found.items() if fault} == {}


def test_the_reader_of_pages_finds_commands_and_their_faults():
    assert sum(1 for page in PAGES for _ in commands(page)) > 150
    assert "No such option" in str(faults_of(["serve", "--prot", "1"]))
    assert "no command" in str(faults_of(["sreve"]))
