from itertools import pairwise

from badge.host.recording_file import RecordingFile
from sim.view.model.states import ONE_A_BADGE, MachineStates
from sim.view.model.trace import trace


def test_a_machine_is_in_one_state_after_the_other(run):
    path = sorted((run.parent / "recordings").iterdir())[0]
    with RecordingFile(path) as file:
        header, lines = file.header, list(file)
    states = MachineStates()
    for step in trace(header, lines, flash=False):
        states.take(step)
    states.end(lines[-1].ms)
    for machine in ONE_A_BADGE:
        its = [span for span in states.spans if span.machine == machine]
        for one, two in pairwise(its):
            assert one.end_ms <= two.start_ms
            # A scan cycle that is told at once listens for no time.
            assert one.state != two.state or machine == "scan"
    assert {"waiting", "idle", "off"} == {s.state for s in states.spans if s.machine == "gps"}
