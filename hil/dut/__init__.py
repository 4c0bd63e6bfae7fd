"""A device under test: power, console, provisioning, judgement; `hil.dut.plugin` is for pytest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from badge.exports import exports

if TYPE_CHECKING:
    from hil.dut.device import DeviceUnderTest
    from hil.dut.drivers.ports import Setup
    from hil.dut.judge import Finding, Verdict, judge_events

__all__ = ["DeviceUnderTest", "Finding", "Setup", "Verdict", "judge_events"]
__getattr__, __dir__ = exports(
    __name__,
    {
        "DeviceUnderTest": "hil.dut.device",
        "Finding": "hil.dut.judge",
        "Setup": "hil.dut.drivers.ports",
        "Verdict": "hil.dut.judge",
        "judge_events": "hil.dut.judge",
    },
)
