"""A small run with its recordings, and a Chromium that looks at a page of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sim.fleet.job import Job
from sim.fleet.output.folder import RunFolder
from sim.fleet.parallel import run_job
from sim.fleet.run import run_document
from sim.scenario.drawing import drawing_of
from sim.scenario.language.read import parse_scenario
from sim.scenario.plan.parameters import parameters_of
from sim.scenario.plan.roster import Roster
from tests.sim.scenario.story import SMALL

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def small_run(folder: Path) -> Path:
    """Let SMALL happen into FOLDER/run, with a recording a badge in FOLDER/recordings."""
    source = parse_scenario(SMALL.encode(), "small.yaml", folder)
    parameters = parameters_of(source)
    recordings = folder / "recordings"
    recordings.mkdir(parents=True)
    with RunFolder(folder / "run") as building:
        job = Job(source, parameters, building.parts, record=recordings)
        finished = run_job(job, 1, lambda progress: None)
        document = run_document(job, finished.results, whole=True)
        building.keep_site(drawing_of(Roster(source, parameters)))
        building.complete(document, finished.results, split=False, batches=False)
    return folder / "run"


@contextmanager
def chromium() -> Iterator[Any]:
    """Give a browser; skips where Debian's chromium or Playwright is not installed."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright drives the browser")
    if CHROMIUM is None:
        pytest.skip("Debian's chromium is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened_page(
    browser: Any, address: str, *, width: int = 1280, scheme: str = "light"
) -> Iterator[Any]:
    """Open an address and wait until the page is drawn; whatever the page complains of fails."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=False
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    try:
        page.goto(address)
        page.wait_for_selector("html[data-ready]")
        yield page
        assert complaints == []
    finally:
        context.close()
