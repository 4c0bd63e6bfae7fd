"""Write the screenshots of docs/view.md from the shipped scenarios, with Debian's chromium.

    python scripts/draw_screens.py [FOLDER]

Light and dark, 1280 and 390 pixels wide.  Look at them before they are committed.
"""

from __future__ import annotations

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
                    _photograph(browser, out, story, f"{address}#t={moment}", act)


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


def _without_a_motion(recording: Path, other: Path) -> None:
    """Write the recording as another build would have: one motion is not logged."""
    lines = recording.read_text("utf-8").splitlines(keepends=True)
    place = [n for n, line in enumerate(lines) if '"event_type":"motion"' in line][40]
    other.write_text("".join([*lines[:place], *lines[place + 1 :]]), "utf-8")


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


def _photograph(browser: Any, out: Path, story: str, address: str, act: Act) -> None:
    for scheme, width in LOOKS.items():
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page.goto(address.removesuffix("#t="))
        page.wait_for_selector("html[data-ready=yes]")
        act(page)
        page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
        path = out / f"{story}-{scheme}.png"
        content = page.screenshot(full_page=True)
        Image.open(BytesIO(content)).quantize(128).save(path, optimize=True)
        print(path)
        page.close()


if __name__ == "__main__":
    main()
