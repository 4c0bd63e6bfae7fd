"""The bench as pytest fixtures: `notecard`, `air`, `ingest`, `conform` and more; marker `hil`."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from badge.errors import InputError

if TYPE_CHECKING:
    from hil.dut.bench import BenchCard, BenchIngest
    from hil.dut.core import CoreUnderTest
    from hil.dut.device import DeviceUnderTest
    from hil.dut.judge import Verdict
    from sim.air.launch import ThreadedAir
    from sim.conformance.run import Conformance

_SETTINGS = {
    "dut_command": "a program that is the device; {notecard} {console} {state} are filled in",
    "dut_power_on": "a command that gives the device power",
    "dut_power_off": "a command that takes it away",
    "dut_reset": "a command that resets it; without one its power is switched",
    "dut_console": "the port of its console",
    "dut_serial": "the port that is wired to the device's Notecard pins",
}
_CORE_SETTING = ("core_library", "a core in C: a shared library, as badge_core.h has it")
_DEVICE: pytest.StashKey[DeviceUnderTest] = pytest.StashKey()
_CARD: pytest.StashKey[BenchCard] = pytest.StashKey()
_TRACE_SHOWN = 20
_FINDINGS_SHOWN = 10
_NO_DEVICE = (
    "there is no device: set dut_command (a program that is one), or dut_power_on and dut_console "
    "(a board), in pytest.ini or on the command line; see docs/firmware.md"
)

_NO_CORE = (
    "there is no core: set core_library (a shared library that has the functions of badge_core.h) "
    "in pytest.ini or on the command line; see docs/firmware.md"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options; each setting may also stand in the project's ini file."""
    group = parser.getgroup("bench", "badge bench")
    group.addoption(
        "--notecard", default="virtual", help="virtual, or a real one: serial:/dev/ttyACM0"
    )
    for name, words in (*_SETTINGS.items(), _CORE_SETTING):
        group.addoption(f"--{name.replace('_', '-')}", default=None, help=words)
        parser.addini(name, words, default="")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers", "hil: needs real hardware (--notecard serial:… or --dut-serial); else skipped"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what needs hardware when none is named."""
    if config.getoption("--notecard") != "virtual" or _setting(config, "dut_serial"):
        return
    skip = pytest.mark.skip(reason="needs real hardware: --notecard serial:… or --dut-serial")
    for item in items:
        if item.get_closest_marker("hil"):
            item.add_marker(skip)


@pytest.fixture
def ingest() -> Iterator[BenchIngest]:
    """The reference ingest on this computer: `ingest.events()`, `ingest.wait_for(…)`."""
    from hil.dut.bench import running_ingest

    with running_ingest() as running:
        yield running


@pytest.fixture
def conform() -> Callable[..., Conformance]:
    """Judge a backend or a receiver of webhooks: `conform(BackendUnderTest(url, …), level="must")`.

    The test fails with the story of each check that it did not pass.
    """
    from sim.conformance.demand import demand

    return demand


@pytest.fixture
def air() -> Iterator[ThreadedAir]:
    """A virtual Bluetooth air: `air.advertise(mac, rssi_dbm)`; needs Linux."""
    from hil.dut.bench import running_air

    with running_air() as running:
        yield running


@pytest.fixture
def notecard(
    request: pytest.FixtureRequest, tmp_path: Path, ingest: BenchIngest
) -> Iterator[BenchCard]:
    """A Notecard: virtual and routed to `ingest`, or the real one that --notecard names."""
    from hil.dut.bench import real_card, virtual_card

    spec = request.config.getoption("--notecard")
    port = _setting(request.config, "dut_serial") or None
    card = (
        virtual_card(tmp_path, port=port, routes_to=ingest.url)
        if spec == "virtual"
        else real_card(spec)
    )
    with card as here:
        request.node.stash[_CARD] = here
        yield here


@pytest.fixture
def device_under_test(
    request: pytest.FixtureRequest, tmp_path: Path, notecard: BenchCard, ingest: BenchIngest
) -> Iterator[DeviceUnderTest]:
    """The device, switched off: `power_on()`, `feed(stimulus)`, `judge(stimulus)`."""
    from hil.dut.device import DeviceUnderTest
    from hil.dut.drivers.ports import Setup

    names = ("command", "power_on", "power_off", "reset", "console")
    settings = {name: _setting(request.config, f"dut_{name}") for name in names}
    if not any((*settings.values(), _setting(request.config, "dut_serial"))):
        raise InputError(_NO_DEVICE)
    setup = Setup(**settings)
    state = tmp_path / "state"
    state.mkdir()
    device = DeviceUnderTest(setup, notecard, ingest, state)
    if "air" in request.fixturenames:
        device.environment = request.getfixturevalue("air").environment
    request.node.stash[_DEVICE] = device
    try:
        yield device
    finally:
        device.close()


@pytest.fixture
def core(request: pytest.FixtureRequest) -> CoreUnderTest:
    """A core in C, a library as badge_core.h has it: `core.judge(stimulus)`."""
    from hil.dut.core import CoreUnderTest

    library = _setting(request.config, "core_library")
    if not library:
        raise InputError(_NO_CORE)
    return CoreUnderTest(Path(library))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Name what is wrong, its picture, and what the card heard last, in the report of a failure.

    A setting or a file that is wrong is told as one sentence: its traceback is ours.
    """
    report = yield
    if call.excinfo is not None and isinstance(call.excinfo.value, InputError):
        report.longrepr = str(call.excinfo.value)
    if report.when == "call" and report.failed:
        device, card = item.stash.get(_DEVICE, None), item.stash.get(_CARD, None)
        if device is not None and device.verdict is not None:
            report.sections += _story(device.verdict)
            report.sections += _picture(device)
        if card is not None and card.trace:
            lines = list(card.trace)[-_TRACE_SHOWN:]
            report.sections.append(("the notecard's last lines", "\n".join(lines)))
    return report


def _story(verdict: Verdict) -> list[tuple[str, str]]:
    """Return a section about the findings, the first with both sides; none if there are none."""
    first = verdict.first
    if first is None:
        return []
    lines = [str(first)]
    if first.wanted is not None:
        lines.append(f"  should be  {_shown(first.wanted)}")
    if first.logged is not None:
        lines.append(f"  was        {_shown(first.logged)}")
    lines += map(str, verdict.findings[1:_FINDINGS_SHOWN])
    counts = ", ".join(f"{count} {kind}" for kind, count in verdict.counts.items())
    lines.append(f"all findings: {counts}")
    return [("first wrong event", "\n".join(lines))]


def _picture(device: DeviceUnderTest) -> list[tuple[str, str]]:
    """Write both sides as a page beside the device's state, and give its address."""
    if device.verdict is None or device.verdict:
        return []
    path = device.state.parent / "picture.html"
    try:
        from hil.dut.picture import keep_judged

        keep_judged(device.verdict, device.ingest.arrivals(), path)
    except (ImportError, OSError, InputError) as error:
        return [("its picture", f"could not be written: {error}")]
    return [("its picture", path.as_uri())]


def _shown(event: object) -> str:
    from pydantic_core import to_json  # only now: this plugin is loaded by every run of pytest

    return to_json(event, inf_nan_mode="strings").decode()


def _setting(config: pytest.Config, name: str) -> str:
    given = config.getoption(f"--{name.replace('_', '-')}")
    return str(given if given is not None else config.getini(name))
