"""The page in Debian's Chromium: clicked, scrubbed, filtered, and read."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from sim.view.keep import keep_report
from sim.view.launch import Still, launch_view
from sim.view.live import Growing
from sim.view.open import open_picture
from sim.view.page import whole_page
from sim.view.sources.event_file import EventFile
from sim.view.sources.growing import GrowingRecording
from sim.view.sources.report import open_report
from tests.sim.view.rig import opened_page

pytestmark = pytest.mark.slow

# The page draws in its next frame, and a busy machine draws late.
expect = pytest.importorskip("playwright.sync_api", reason="needs the extra [test]").expect
expect.set_options(timeout=60_000)


@pytest.fixture(scope="module")
def opened(run):
    return open_picture([str(run)])


@pytest.fixture(scope="module")
def address(opened):
    with launch_view(Still(opened)) as (address, _):
        yield address


def rows_of(page):
    return page.locator("#table tr:visible").all_inner_texts()


def until(page, holds):
    """Look at the rows until that holds of them; the page draws in its next frame."""
    for _ in range(600):
        if holds(rows_of(page)):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"never so: {rows_of(page)[:5]}")


def numbers(*wanted):
    return lambda rows: [row.split("\t")[2] for row in rows] == list(wanted)


def current(page):
    return page.locator("#table tr[aria-current]").inner_text()


def test_a_link_to_a_moment_and_an_event_shows_them(browser, address, opened):
    with opened_page(browser, f"{address}#t=07:20:00&badge=Ana") as page:
        expect(page.locator("#clock")).to_have_text("2026-03-16 07:20:00 UTC")
        assert "Small" in page.title()
    at = int(opened.picture.tables["events"]["at"][40])
    with opened_page(browser, f"{address}#event={at}") as page:
        page.wait_for_selector("#about-event")
        event = json.loads(page.locator("#about-event").inner_text())
        assert event == json.loads(json.dumps(opened.about(40)["event"]))


def test_scrubbing_moves_the_clock_the_table_and_the_address(browser, address):
    with opened_page(browser, address) as page:
        before = current(page)
        page.locator("#scrub").evaluate(
            "s => { s.value = 700; s.dispatchEvent(new Event('input')) }"
        )
        page.wait_for_function("() => location.hash.includes('T07%3A3')")
        clock = page.locator("#clock").inner_text()
        assert clock > "2026-03-16 07:30"
        expect(page.locator("#table tr[aria-current]")).not_to_have_text(before)
        # What the link says is where it leads.
        with opened_page(browser, page.evaluate("location.href")) as other:
            expect(other.locator("#clock")).to_have_text(clock)


def test_a_click_on_the_lanes_sets_the_moment(browser, address):
    with opened_page(browser, address) as page:
        box = page.locator("#lanes-canvas").bounding_box()
        page.mouse.click(box["x"] + box["width"] * 0.75, box["y"] + 30)
        page.wait_for_function(
            "() => document.querySelector('#clock').innerText > '2026-03-16 07:3'"
        )
        expect(page.locator("#lane-words")).to_contain_text("shift")


def test_filters_narrow_the_table_and_a_click_opens_event_truth_and_why(browser, address):
    with opened_page(browser, address) as page:
        page.select_option("#by-kind", label="motion")
        until(page, lambda rows: all("motion" in row for row in rows))
        page.select_option(
            "#by-device", label=page.locator("#by-device option").nth(1).inner_text()
        )
        until(page, lambda rows: all("Ana" in row for row in rows))
        page.locator("#table tr:visible button").first.click()
        page.wait_for_selector("#about-truth")
        expect(page.locator("#about-event")).to_contain_text('"event_type": "motion"')
        expect(page.locator("#about-truth")).to_contain_text('"true_lat"')
        why = page.locator("#about-why").inner_text()
        assert "machine motion: " in why
        assert "flash: " in why
        assert "answered 202" in why


def test_fleet_buttons_narrow_too_and_tell_the_lag(browser, address):
    with opened_page(browser, address) as page:
        expect(page.locator("#fleet-lag")).to_contain_text("min on average")
        page.get_by_role("button", name="gps_no_fix").click()
        assert page.locator("#by-kind").evaluate("s => s.selectedOptions[0].text") == "gps_no_fix"
        before = page.locator("#clock").inner_text()
        page.locator("#fleet-canvas").click(position={"x": 400, "y": 30})
        expect(page.locator("#clock")).not_to_have_text(before)
        moving, still, unknown = page.evaluate("statesOver(40)[0].map((one) => Math.max(...one))")
        assert moving > 0
        assert max(moving, still, unknown) <= 2


def test_it_plays_and_pauses(browser, address):
    with opened_page(browser, address) as page:
        page.get_by_role("button", name="play").click()
        before = page.locator("#clock").inner_text()
        page.wait_for_function("b => document.querySelector('#clock').innerText > b", arg=before)
        page.get_by_role("button", name="pause").click()
        expect(page.locator("#play")).to_have_attribute("aria-pressed", "false")


def test_a_keyboard_is_enough(browser, address):
    with opened_page(browser, f"{address}#t=07:20:00") as page:
        press = page.keyboard.press
        press("ArrowRight")
        expect(page.locator("#clock")).to_contain_text("07:20:01 UTC")
        press("Shift+ArrowLeft")
        expect(page.locator("#clock")).to_contain_text("07:19:01 UTC")
        before = current(page)
        press(".")
        page.wait_for_function(
            "b => document.querySelector('#table tr[aria-current]').innerText !== b", arg=before
        )
        press("e")
        page.wait_for_selector("#about-event")
        page.wait_for_function("document.activeElement.id === 'about-title'")
        press("Escape")
        expect(page.locator("#about")).to_be_hidden()
        press("d")
        expect(page.locator("#by-device")).to_have_value("0")
        press("Shift+D")
        expect(page.locator("#by-device")).to_have_value("-1")
        press("5")
        expect(page.locator("#speed")).to_have_value("600")
        press("]")
        expect(page.locator("#mark-words")).to_contain_text("no finding")
        press(" ")
        page.wait_for_selector("#play[aria-pressed=true]")
        press(" ")
        page.wait_for_selector("#play[aria-pressed=false]")
        # Everything that can be used is reached by Tab, the names of the lanes among it.
        page.evaluate("document.body.tabIndex = -1; document.body.focus()")
        seen = set()
        for _ in range(80):
            press("Tab")
            seen.add(page.evaluate("document.activeElement.id || document.activeElement.dataset.d"))
        assert {"play", "scrub", "by-device", "rows", "map-in", "lanes-scroll", "1"} <= seen


def test_one_file_works_offline(browser, opened, tmp_path):
    path = tmp_path / "picture.html"
    path.write_bytes(b"".join(whole_page(opened)))
    with opened_page(browser, f"file://{path}#t=07:20:00") as page:
        page.keyboard.press("e")
        page.wait_for_selector("#about-event")
        expect(page.locator("#about-why")).to_contain_text("machine ")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_nothing_serious_and_nothing_is_wider_than_the_page(
    browser, opened, tmp_path, scheme, width
):
    axe = Path(os.environ.get("NODE_PATH", "/nowhere")) / "axe-core" / "axe.min.js"
    if not axe.exists():
        pytest.skip("axe-core is not installed (npm install axe-core, NODE_PATH)")
    path = tmp_path / "picture.html"
    path.write_bytes(b"".join(whole_page(opened)))
    with opened_page(browser, f"file://{path}#t=07:20:00", scheme=scheme, width=width) as page:
        page.keyboard.press("e")
        page.wait_for_selector("#about-event")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.add_script_tag(path=str(axe))
        found = page.evaluate("axe.run()")["violations"]
        told = [(one["impact"], one["id"], one["nodes"][0]["html"]) for one in found]
        assert [one for one in told if one[0] in ("serious", "critical")] == []


def event_line(number, device="ACT-00000001"):
    event = {"device_id": device, "firmware_version": "0.1.0", "event_type": "gps"}
    event |= {"timestamp_utc": f"2026-03-14T10:{number // 60:02d}:{number % 60:02d}Z"}
    payload = {"lat": 45.0 + number / 1e5, "lon": 15.0, "accuracy_m": 3.0, "fix_type": "3d"}
    return json.dumps({**event, "sequence_number": number, "payload": payload}) + "\n"


def test_what_grows_is_followed_also_events_out_of_order(browser, tmp_path):
    path = tmp_path / "growing.ndjson"
    path.write_text("")
    with (
        launch_view(Growing(EventFile(path))) as (address, _),
        opened_page(browser, address) as page,
    ):
        with path.open("a") as file:
            file.write("".join(map(event_line, (1, 5, 3))))
        page.wait_for_function("() => document.querySelector('#found').innerText === '3 events'")
        until(page, numbers("1", "3", "5"))
        with path.open("a") as file:
            file.write(event_line(2) + event_line(70, "ACT-00000002"))
        page.wait_for_function("() => document.querySelector('#clock').innerText.includes('01:10')")
        until(page, numbers("1", "2", "3", "5", "70"))
        page.locator("#table tr:visible button").nth(1).click()
        page.wait_for_selector("#about-event")
        expect(page.locator("#about-event")).to_contain_text('"sequence_number": 2')


def test_a_badge_that_runs_shows_its_lanes_what_became_of_events_and_why(browser, run, tmp_path):
    source = sorted((run.parent / "recordings").iterdir())[0]
    lines = source.read_bytes().splitlines(keepends=True)
    learnt = next(i for i, one in enumerate(lines) if b'"utc"' in one)
    path = tmp_path / "r.ndjson"
    path.write_bytes(b"".join(lines[:learnt]))
    growing = Growing(GrowingRecording(path))
    with launch_view(growing) as (address, _), opened_page(browser, address) as page:
        expect(page.locator("#notes")).to_contain_text("not learnt UTC yet")
        path.write_bytes(source.read_bytes())
        expect(page.locator("#clock")).to_contain_text("2026-03-16")
        expect(page.locator("#notes")).to_be_hidden()
        expect(page.locator("#lane-words")).to_contain_text("queue")
        page.select_option("#by-fate", label="delivered")
        until(page, lambda rows: rows and all("delivered" in row for row in rows))
        page.locator("#table tr:visible button").first.click()
        page.wait_for_selector("#about-event")
        expect(page.locator("#about-why")).to_contain_text("machine ")


def test_two_recordings_open_at_the_first_difference_told_on_both_sides(browser, run, tmp_path):
    path = sorted((run.parent / "recordings").iterdir())[0]
    lines = path.read_text().splitlines(keepends=True)
    cut = [i for i, line in enumerate(lines) if '"out"' in line][12]
    other = tmp_path / "other.ndjson"
    other.write_text("".join([*lines[:cut], *lines[cut + 1 :]]))
    picture = open_picture([str(path), str(other)])
    with launch_view(Still(picture)) as (address, _), opened_page(browser, address) as page:
        told = page.locator("#mark-words").inner_text()
        assert "difference 1 of" in told
        assert "missing: event" in told
        assert page.locator("#lane-names button").count() == 2
        assert "marked" in page.locator("#table tr[aria-current]").get_attribute("class")
        page.locator("#table tr[aria-current] button").click()
        page.wait_for_selector("#about-difference")
        expect(page.locator("#sides-table")).to_contain_text("not logged")
        expect(page.locator("#sides-title")).to_have_text("Differences: 1 of 1")
        expect(page.locator("#about table.both")).to_contain_text("not logged")


def test_a_gates_report_shows_its_table_alone(browser, tmp_path):
    figure = {"name": "share", "value": "80 %", "wanted": "85 %", "met": False}
    report = {"where": "virtual", "gates": {"2": {"figures": [figure]}}}
    picture = open_report(report, "gate")
    with launch_view(Still(picture)) as (address, _), opened_page(browser, address) as page:
        expect(page.locator("#report")).to_contain_text("NOT met")
        expect(page.locator("#map")).to_be_hidden()


def test_a_conformance_shows_what_each_failed_check_asked_and_heard(browser, tmp_path):
    failed = {"name": "accepts one event", "clause": "contract 4, 202", "level": "must"}
    failed |= {
        "verdict": "failed",
        "expected": "202",
        "asked": "POST <b>x</b>",
        "answered": "200 {}",
    }
    checks = [{"name": "b", "clause": "4", "level": "must", "verdict": "passed"}]
    document = {"url": "http://x", "checks": [*checks, {**failed, "again": "curl -i http://x"}]}
    path = tmp_path / "x.html"
    keep_report(document, "badge conform http://x", path)
    with opened_page(browser, path.as_uri()) as page:
        story = page.locator("#report-stories details")
        expect(story.locator("summary")).to_have_text("accepts one event (must)")
        for text in ("202", "contract 4, 202", "POST <b>x</b>", "200 {}", "curl -i http://x"):
            expect(story.locator("pre", has_text=text).first).to_be_visible()
        expect(page.locator("#report-words")).to_contain_text("1 failed, 1 passed")
        expect(page.locator("#report-inner tr.not-met td").first).to_have_text("accepts one event")
        expect(page.locator("#now")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_load_has_its_curves_and_they_can_be_read(browser, tmp_path, scheme):
    line = {"name": "99 %", "points": [[0.5, 1.0], [1.5, 250.0]]}
    curve = {"title": "Latency over time", "x": "s", "y": "ms", "lines": [line]}
    table = {"title": "x", "heads": ["what"], "rows": [["a", None]], "curves": [curve]}
    path = tmp_path / "x.html"
    keep_report({"table": table}, "badge load http://x", path)
    with opened_page(browser, path.as_uri(), width=390, scheme=scheme) as page:
        canvas = page.locator("#report-curves canvas")
        expect(canvas).to_have_attribute("aria-label", "Latency over time. 99 %: 1 to 250 ms")
        box = canvas.bounding_box()
        page.mouse.move(box["x"] + box["width"] - 20, box["y"] + 50)
        expect(page.locator("#report-curves .words")).to_have_text("1.5 s: 99 % 250 ms")
        drawn = canvas.evaluate(
            "c => new Set(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).size"
        )
        assert drawn > 10  # ink of several colours
