"""Which test runs each block of code of the pages, fenced or set in, or why none does.

A row is a page, how the block's first line begins, and either `tests/….py::test` or a reason in
words.  The options of every `badge` line are read by tests/docs/test_claims.py, run or not.
"""

from __future__ import annotations

from typing import NamedTuple


class Fence(NamedTuple):
    """A block, and what becomes of it; `says` is a test's address, or begins with `not run: `."""

    page: str
    begins: str
    says: str


WHOLE = "tests/docs/test_docs.py::test_every_shell_line_of_a_page_ends_as_it_says"
CI = "not run: .ci/run does it in a fresh clone, by another test it would be done twice"
URL = "not run: it asks a server of the reader's; its options are read"
LONG = "not run: it takes minutes; its options are read, shorter ones run beside the program"
SERVES = "not run: it serves until Ctrl-C; its options are read"
WIRED = "not run: it needs a card, a radio or a device; its options are read"
SHOWN = "not run: it shows what is printed, shortened or of a file that the reader has"
OWN = "not run: it needs files of the reader's own; its options are read"
PORTS = "not run: it takes fixed ports; its options are read"
ELSEWHERE = "not run: that system is not at hand; the page says so"
DRAWN = "not run: wires, drawn for the eye"
_PLATFORMS = "tests/docs/test_platforms.py"
_CONFORM = "tests/docs/test_conform.py"
_INGEST = "tests/docs/test_ingest.py::test_every_curl_line_answers_what_the_page_shows"
_RECONCILE = "tests/docs/test_reconcile.py::test_every_shell_line_ends_as_it_says"
_FIRMWARE = "tests/docs/test_firmware.py::test_the_page_for_firmware_engineers_is_true"
_IN_C = "tests/docs/test_firmware.py::test_the_lines_in_c_run"
_CARD = "tests/docs/test_notecard.py::test_the_quick_start_runs_as_printed"
_WORLD = "tests/docs/test_world.py::test_the_first_example_prints_what_the_page_says"
OF_SHELL = (_RECONCILE, f"{_PLATFORMS}::test_the_shell_lines_run_as_they_stand")
"""These run blocks of `sh` alone."""

FENCES = tuple(
    Fence(*row)
    for row in (
        ("README.md", "python3 -m venv .venv &&", CI),
        ("README.md", "$ badge demo", "not run: it shows what .ci/run prints by the line above"),
        ("CONTRIBUTING.md", "python3 -m venv .venv &&", CI),
        ("CONTRIBUTING.md", "pytest ", "not run: a test that runs all tests would never end"),
        ("docs/air.md", "badge air", SERVES),
        ("docs/air.md", "bluetoothctl",
         "not run: the reader's programs; tests/sim/air/test_launch_clients.py has such ones"),
        ("docs/air.md", "import asyncio, os",
         "tests/docs/test_fences.py::test_the_story_of_the_page_on_the_air_runs"),
        ("docs/air.md", "from hil.ble.scanner", WIRED),
        ("docs/backend.md", "badge record --track", OWN),
        ("docs/backend.md", "badge replay run --to", URL),
        ("docs/backend.md", "badge load", URL),
        ("docs/conform.md", "badge serve --db", PORTS),
        ("docs/conform.md", "badge listen", PORTS),
        ("docs/conform.md", "accepts one event", f"{_CONFORM}::test_its_failure_looks_like_that"),
        ("docs/conform.md", "events_path", f"{_CONFORM}::test_its_profile_is_one"),
        ("docs/conform.md", "from sim.conf", f"{_CONFORM}::test_its_lines_for_python_run"),
        ("docs/conform.md", "def test_my_ingest",
         "not run: its URL is the reader's; tests/sim/conformance/test_demand.py has the like"),
        ("docs/design.md", "flowchart BT",
         "not run: drawn out of the plan, and compared, by scripts/draw_house.py --check"),
        ("docs/design.md", "stateDiagram-v2",
         "not run: drawn out of the tables, and compared, by scripts/draw_machines.py --check"),
        ("docs/device-config.md", "{",
         "tests/docs/test_device_config.py::test_the_sample_is_taken_by_the_badge_and_by_the_schema"),
        ("docs/firmware.md", "from badge import Badge", _FIRMWARE),
        ("docs/firmware.md", "1 reboot", _FIRMWARE),
        ("docs/firmware.md", "def test_a_shift",
         "not run: it needs a device; examples/firmware_bench has such tests, and they are run"),
        ("docs/firmware.md", "badge firmware export", _IN_C),
        ("docs/firmware.md", "make -C firmware library", _IN_C),
        ("docs/firmware.md", "[pytest]",
         "not run: a file of the reader's; tests/hil/dut/test_plugin.py has such ones"),
        ("docs/firmware.md", "def test_what_was_logged",
         "not run: it needs a device; examples/firmware_bench has such tests, and they are run"),
        ("docs/firmware.md", "badge judge", OWN),
        ("docs/firmware.md", "badge run", WIRED),
        ("docs/firmware.md", "badge provision", WIRED),
        ("docs/firmware.md", "badge gate all", LONG),
        ("docs/firmware.md", "badge gate 2", WIRED),
        ("docs/hardware.md", "pip install", WIRED),
        ("docs/hardware.md", "# /etc/udev", "not run: a rule for this computer's devices"),
        ("docs/hardware.md", "Raspberry Pi", DRAWN),
        ("docs/hardware.md", "pin 8", DRAWN),
        ("docs/hardware.md", "Feather", DRAWN),
        ("docs/index.md", "python3 -m venv",
         "not run: .ci/run does the README's line, which differs by the activation alone"),
        ("docs/index.md", "pipx install",
         "not run: by hand, with pipx and uv, from a clone and from a wheel; the page says where"),
        ("docs/ingest.md", "badge serve", "not run: it serves until Ctrl-C; its options are read"),
        ("docs/ingest.md", "export URL", "not run: the keys are those that `badge serve` prints"),
        ("docs/ingest.md", "curl ", _INGEST),
        ("docs/ingest.md", "{", _INGEST),
        ("docs/ingest.md", "from sim.ingest.launch",
         "tests/docs/test_fences.py::test_the_python_of_the_ingest_page_runs"),
        ("docs/ingest.md", "from sim.ingest.api",
         "tests/docs/test_fences.py::test_the_python_of_the_ingest_page_runs"),
        ("docs/mcp.md", "pip install", CI),
        ("docs/mcp.md", "{",
         "tests/docs/test_mcp.py::test_the_configuration_starts_the_command_with_words_that_it_knows"),
        ("docs/notecard.md", "badge serve", _CARD),
        ("docs/notecard.md", "→ ", _CARD),
        ("docs/notecard.md", "badge notecard --serial", WIRED),
        ("docs/notecard.md", "badge notecard --link", SERVES),
        ("docs/notecard.md", "badge notehub", SERVES),
        ("docs/notecard.md", "from notecard import",
         "tests/docs/test_notecard.py::test_the_example_runs"),
        ("docs/observe.md", "pip install", PORTS),
        ("docs/pipelines.md", "badge judge", "tests/docs/test_pipelines.py::"
         "test_the_line_judges_a_build_and_writes_its_report"),
        ("docs/pipelines.md", "- uses:", ELSEWHERE),
        ("docs/pipelines.md", "judge:", ELSEWHERE),
        ("docs/pipelines.md", "[pytest]", ELSEWHERE),
        ("docs/pipelines.md", "jmp shell", ELSEWHERE),
        ("docs/pipelines.md", "import subprocess", ELSEWHERE),
        ("docs/pipelines.md", "tests:", ELSEWHERE),
        ("docs/pipelines.md", "docker compose", ELSEWHERE),
        ("docs/platforms.md", "badge ", f"{_PLATFORMS}::test_the_shell_lines_run_as_they_stand"),
        ("docs/platforms.md", "badge listen", SERVES),
        ("docs/platforms.md", "badge send", URL),
        ("docs/platforms.md", "badge serve   ",
         f"{_PLATFORMS}::test_the_four_wires_run_as_they_stand"),
        ("docs/platforms.md", "from sim.platforms import Seen",
         "not run: in outline; tests/examples/test_receivers.py runs whole receivers"),
        ("docs/platforms.md", "emit = ",
         f"{_PLATFORMS}::test_the_lines_on_emitting_run_as_they_stand"),
        ("docs/platforms.md", "python -c", f"{_PLATFORMS}::test_the_shell_lines_run_as_they_stand"),
        ("docs/platforms.md", "platforms:",
         f"{_PLATFORMS}::test_the_words_of_a_scenario_are_those_that_are_understood"),
        ("docs/platforms.md", '"""Turnstile', "tests/sim/platforms/test_open.py::"
         "test_a_fourth_platform_needs_one_file_and_one_row"),
        ("docs/qa.md", "badge record --track", OWN),
        ("docs/qa.md", "walk.gpx: 3 of", SHOWN),
        ("docs/qa.md", '{"format"', SHOWN),
        ("docs/reconcile.md", "badge reconcile RUN_DIR", URL),
        ("docs/reconcile.md", "badge reconcile season", OWN),
        ("docs/reconcile.md", "badge ", _RECONCILE),
        ("docs/reconcile.md", "head ", _RECONCILE),
        ("docs/reconcile.md", "clean:", SHOWN),
        ("docs/reconcile.md", "missing:", SHOWN),
        ("docs/reconcile.md", "ACT-00000001", SHOWN),
        ("docs/reliability-chaos.md", "badge chaos", LONG),
        ("docs/reliability-crashtest.md", "badge crashtest", LONG),
        ("docs/reliability.md", "badge powercut", LONG),
        ("docs/reliability.md", "python -m tests.fuzz.run", LONG),
        ("docs/scale.md", "badge simulate ", LONG),
        ("docs/scale.md", "from sim.fleet.locust",
         "not run: tests/sim/fleet/test_locust.py writes the same line, and runs it"),
        ("docs/scale.md", "locust -f", "not run: a master and its workers on other machines"),
        ("docs/scenarios.md", "badge simulate site.yaml", URL),
        ("docs/scenarios.md", "badge simulate --resume",
         "not run: it goes on with a run of the reader's; tests/sim/fleet/test_resume.py has it"),
        ("docs/scenarios.md", "badge simulate crew", URL),
        ("docs/scenarios.md", "scenario:",
         "tests/docs/test_scenarios.py::test_the_scenario_of_the_page_has_no_fault"),
        ("docs/scenarios.md", "python -m", LONG),
        ("docs/seasons.md", "scenario:",
         "tests/docs/test_seasons.py::test_the_scenario_of_the_page_has_no_fault"),
        ("docs/view.md", "badge serve --open", PORTS),
        ("docs/view.md", "badge view", "not run: it serves until Ctrl-C; its options are read"),
        ("docs/world.md", "from sim.world", _WORLD),
        ("docs/world.md", "work [30.0", _WORLD),
        ("docs/world.md", "python -m", "not run: it needs the recordings, which are not shipped"),
        ("docs/world.md", "badge calibrate", OWN),
        ("docs/world.md", "site:", "not run: one badge's own fit, as `badge calibrate` writes it"),
    )
)  # fmt: skip
