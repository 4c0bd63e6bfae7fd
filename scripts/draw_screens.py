"""Write the screenshots of the pages from the shipped scenarios, with Debian's chromium.

    python scripts/draw_screens.py [FOLDER]

Those of docs/view.md light and dark, 1280 and 390 pixels wide; of each reader's path the parts that
show its task.  Look at them before they are committed.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from sim.view.launch import Still, launch_view
from sim.view.open import open_picture

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
LOOKS = {"light": 1280, "dark": 390}
# A reader's path: the story, and the parts of its page that are shown.
PATHS = {
    "path-firmware": ("judged", ("sides", "about")),
    "path-backend": ("view-outage", ("lanes", "fleet")),
    "path-qa": ("view-two", ("time", "sides", "lanes")),
}


ONLY = """parts => document.querySelectorAll("section").forEach(
    one => one.hidden ||= !parts.includes(one.id))"""


def main() -> None:
    """Let the scenarios happen, open each picture, and photograph it."""
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stories = dict(_stories(folder))
        with _chromium() as browser:
            for story, (what, moment, act) in stories.items():
                with launch_view(Still(open_picture(what))) as (address, _):
                    at = f"{address}#t={moment}".removesuffix("#t=")
                    if story.startswith("view-"):
                        for scheme, width in LOOKS.items():
                            with _opened(browser, at, scheme, width, act) as page:
                                _photograph(page, out / f"{story}-{scheme}.png")
                    for path, (of, parts) in PATHS.items():
                        if of == story:
                            with _opened(browser, at, "light", 1000, act) as page:
                                page.evaluate(ONLY, parts)
                                _photograph(page, out / f"{path}.png")


Act = Callable[[Any], None]


def _stories(folder: Path) -> Iterator[tuple[str, tuple[list[str], str, Act]]]:
    _badge("demo", "--out", folder / "demo", "--json")
    yield "view-crew", ([str(folder / "demo")], "2026-03-14T10:42:00Z", _open_event)
    for name, hours in (("outage", None), ("morning-of-500", "2")):
        more = () if hours is None else ("--hours", hours)
        record = ("--record", folder / name / "recordings") if hours is None else ()
        run = folder / name / "run"
        (folder / name).mkdir()
        _badge("simulate", name, "--out", run, "--no-batches", "--json", *more, *record)
        moment = "2026-03-16T10:30:00Z" if hours is None else "2026-03-16T07:00:00Z"
        yield f"view-{name}", ([str(run)], moment, lambda page: None)
    recording = folder / "demo" / "shift.ndjson"
    other = folder / "other-build.ndjson"
    _without_a_motion(recording, other)
    yield "view-two", ([str(recording), str(other)], "", _open_event)
    dut = folder / "dut.ndjson"
    _as_another_device_logs(recording, dut)
    yield "judged", ([str(recording), str(dut)], "", _open_event)


def _without_a_motion(recording: Path, other: Path) -> None:
    """Write the recording as another build would have: one motion is not logged."""
    lines = recording.read_text("utf-8").splitlines(keepends=True)
    place = [n for n, line in enumerate(lines) if '"event_type":"motion"' in line][40]
    other.write_text("".join([*lines[:place], *lines[place + 1 :]]), "utf-8")


def _as_another_device_logs(recording: Path, dut: Path) -> None:
    """Write the recording as a device with three faults would have: missing, altered, twice."""
    lines = recording.read_text("utf-8").splitlines(keepends=True)
    tags = [n for n, line in enumerate(lines) if '"event_type":"ble_proximity"' in line]
    lines[tags[3]] = re.sub(r'"tag_mac":"[^"]*"', '"tag_mac":"AA:BB:CC:00:00:99"', lines[tags[3]])
    lines[tags[5]] *= 2
    motions = [n for n, line in enumerate(lines) if '"event_type":"motion"' in line]
    dut.write_text("".join([*lines[: motions[40]], *lines[motions[40] + 1 :]]), "utf-8")


def _badge(*words: object) -> None:
    command = [sys.executable, "-m", "badge", *map(str, words)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _open_event(page: Any) -> None:
    page.keyboard.press("e")
    page.wait_for_selector("#about-event")


@contextmanager
def _chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def _opened(browser: Any, address: str, scheme: str, width: int, act: Act) -> Iterator[Any]:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(address)
    page.wait_for_selector("html[data-ready=yes]")
    act(page)
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    yield page
    page.close()


def _photograph(page: Any, path: Path) -> None:
    end = page.evaluate("document.querySelector('main').getBoundingClientRect().bottom")
    content = page.screenshot(full_page=True)
    whole = Image.open(BytesIO(content))
    shown = whole.crop((0, 0, whole.width, min(whole.height, int(end) + 12)))
    shown.quantize(128).save(path, optimize=True)
    print(path)


if __name__ == "__main__":
    main()
