"""`python -m benchmarks view`: the page in headless Chromium, against its goals.

Needs Debian's chromium and Playwright (extra `test`).  Times are those of a clock on the wall, in
the browser: on a busy machine they say little, so each is the best of several.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic_core import to_json

from sim.view.launch import Still, launch_view
from sim.view.live import Growing
from sim.view.open import open_picture
from sim.view.sources.event_file import EventFile

BADGES, EVENTS_A_BADGE = 500, 2000
LIVE_EVENTS_A_S, LIVE_S = 2000, 8
START_MS = 1_773_484_920_000

# Two frames after a step: it is on the screen then.
_STEPS = """async () => {
  const scrub = document.querySelector('#scrub'), took = [];
  for (let i = 1; i <= 20; i++) {
    const begun = performance.now();
    scrub.value = String(i * 47 % 1000);
    scrub.dispatchEvent(new Event('input'));
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    took.push(performance.now() - begun);
  }
  return took.sort((a, b) => a - b);
}"""
_FRAMES = """async () => {
  document.querySelector('#speed').value = '60'; view.speed = 60;
  const took = [], draw = drawDue;
  drawDue = () => {
    const begun = performance.now();
    draw();
    took.push(performance.now() - begun);
  };
  play(true);
  const first = due.frames, begun = performance.now();
  await new Promise((done) => setTimeout(done, 4000));
  play(false);
  const frames = (due.frames - first) / (performance.now() - begun) * 1000;
  drawDue = draw;
  return [frames, took.sort((a, b) => a - b)[took.length >> 1]];
}"""
_SEEN = "() => view.store.n"


Ratio = tuple[str, float, float | None]


def ratios() -> list[Ratio]:
    """Return (label, value, goal)."""
    with tempfile.TemporaryDirectory() as name, _chromium() as browser:
        folder = Path(name)
        return [*_demo(browser, folder), *_million(browser, folder), *_live(browser, folder)]


@contextmanager
def _chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def _usable(browser: Any, address: str) -> tuple[Any, float]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    begun_s = time.perf_counter()
    page.goto(address)
    page.wait_for_selector("html[data-ready=yes]", timeout=120_000)
    return page, time.perf_counter() - begun_s


def _demo(browser: Any, folder: Path) -> Iterator[Ratio]:
    command = [sys.executable, "-m", "badge", "demo", "--dir", str(folder / "demo"), "--json"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    kept = folder / "demo" / "picture.html"
    yield "one-file page of the demo, MB", kept.stat().st_size / 1e6, 10
    took = []
    for _ in range(3):
        page, seconds = _usable(browser, kept.as_uri())
        took.append(seconds)
        page.close()
    yield "that file usable, s", min(took), 2
    opened = open_picture([str(folder / "demo")])
    with launch_view(Still(opened)) as (address, _):
        took = []
        for _ in range(3):
            page, seconds = _usable(browser, address)
            took.append(seconds)
            page.close()
    yield "page of the demo usable, served, s", min(took), 2


def _million(browser: Any, folder: Path) -> Iterator[Ratio]:
    run = folder / "million"
    _write_million(run)
    for words in ("worked out from lines", "worked out from Parquet", "kept beside it"):
        if words != "kept beside it":
            (run / "picture.npz").unlink(missing_ok=True)
        _with_parquet(run, there=words != "worked out from lines")
        begun_s, begun_cpu_s = time.perf_counter(), time.process_time()
        opened = open_picture([str(run)])
        open_s, cpu_s = time.perf_counter() - begun_s, time.process_time() - begun_cpu_s
        with launch_view(Still(opened)) as (address, _):
            page, seconds = _usable(browser, address)
            yield f"{opened.picture.rows:,} events, {words}: read, s", open_s, None
            yield "  of it on the processor, s", cpu_s, None
            yield "  and usable, from the start, s", open_s + seconds, 5
            if words == "kept beside it":
                steps = page.evaluate(_STEPS)
                yield "  a step of scrubbing, median, ms", steps[10], 100
                yield "  a step of scrubbing, 19 of 20, ms", steps[18], 100
                frames, draw_ms = page.evaluate(_FRAMES)
                yield f"  {BADGES} badges playing, frames/s", frames, 30
                yield "  of it to draw a frame, median, ms", draw_ms, None
            page.close()


def _with_parquet(run: Path, *, there: bool) -> None:
    """Put the Parquet of the run beside its lines, or away."""
    path, away = run / "truth" / "events.parquet", run / "events.away"
    if there and away.exists():
        away.rename(path)
    if not there and path.exists():
        path.rename(away)


def _write_million(run: Path) -> None:
    """Write a run of 500 badges that walk, as `badge simulate` would, with Parquet beside it."""
    truth = run / "truth"
    truth.mkdir(parents=True)
    with (truth / "events.ndjson").open("wb") as file:
        for badge in range(BADGES):
            file.writelines(_rows(badge))
    facts = {"scenario": "A million", "complete": True}
    (truth / "run.json").write_text(json.dumps(facts))
    try:
        from sim.fleet.output.parquet import write_parquet

        write_parquet(truth / "events.ndjson", run, {})
    except ImportError:
        return


def _rows(badge: int) -> Iterator[bytes]:
    from badge.entry import timestamp

    device, lat0, lon0 = f"ACT-{badge + 1:08X}", 45.8 + badge % 25 / 800, 15.9 + badge // 25 / 800
    for number in range(1, EVENTS_A_BADGE + 1):
        at = timestamp(START_MS // 1000 + number * 15 + badge % 15)
        lat, lon = round(lat0 + number % 97 / 1e5, 6), round(lon0 + number % 89 / 1e5, 6)
        kind = "gps_no_fix" if number % 17 == 0 else "motion" if number % 11 == 0 else "gps"
        state = ("moving", "stationary")[number // 11 % 2]
        payload = {
            "gps": {"lat": lat, "lon": lon, "accuracy_m": 3.0, "fix_type": "3d"},
            "gps_no_fix": {"timeout_s": 10},
            "motion": {"previous_state": "moving", "new_state": state, "duration_s": 150},
        }[kind]
        row = {
            "device_id": device,
            "sequence_number": number,
            "event_type": kind,
            "timestamp_utc": at,
            "firmware_version": "0.3.0",
            "payload": to_json(payload).decode(),
            "worker_id": None,
            "true_lat": lat,
            "true_lon": lon,
            "parcel_id": None,
            "equipment_near": [],
            "delivered": True,
            "undelivered_why": None,
        }
        yield to_json(row) + b"\n"


def _live(browser: Any, folder: Path) -> Iterator[Ratio]:
    """Write 2,000 events a second, and ask the page every 50 ms how many it has."""
    path = folder / "growing.ndjson"
    path.write_bytes(b"")
    written: list[tuple[float, int]] = []
    begin = threading.Event()

    def write() -> None:
        begin.wait()
        begun_s, count = time.perf_counter(), 0
        with path.open("ab", buffering=0) as file:
            while (now_s := time.perf_counter() - begun_s) < LIVE_S:
                due = int(now_s * LIVE_EVENTS_A_S)
                file.write(b"".join(_live_event(n) for n in range(count, due)))
                count = due
                written.append((time.perf_counter(), count))
                time.sleep(0.02)

    writer = threading.Thread(target=write)
    writer.start()
    with launch_view(Growing(EventFile(path))) as (address, _):
        page, _seconds = _usable(browser, address)
        begin.set()
        late_s = []
        until_s = time.perf_counter() + LIVE_S
        while time.perf_counter() < until_s:
            seen, now_s = page.evaluate(_SEEN), time.perf_counter()
            # When the first event that is not there yet was written: so late the page is.
            first = next((at for at, count in written if count > seen), None)
            late_s.append(0.0 if first is None else now_s - first)
            time.sleep(0.05)
        writer.join()
        page.close()
    late_s.sort()
    yield "live: event logged to seen, median, s", late_s[len(late_s) // 2], 1
    yield "live: event logged to seen, 19 of 20, s", late_s[len(late_s) * 19 // 20], 1


def _live_event(number: int) -> bytes:
    from badge.entry import timestamp

    event = {
        "device_id": f"ACT-{number % 100 + 1:08X}",
        "firmware_version": "0.3.0",
        "event_type": "gps",
        "timestamp_utc": timestamp(START_MS // 1000 + number // LIVE_EVENTS_A_S),
        "sequence_number": number // 100 + 1,
        "payload": {"lat": 45.8, "lon": 15.9, "accuracy_m": 3.0, "fix_type": "3d"},
    }
    return to_json(event) + b"\n"
