import json

from tests.command import call, sentence


def test_an_event_is_explained_by_number_and_by_moment(run):
    said = call("explain", run, "--event", 20, "--device", "Ana")
    assert said.code == 0
    first, *rest = said.out.splitlines()
    assert first.startswith("event 20 of ACT-")
    assert "(Ana): " in first
    text = "\n".join(rest)
    for word in ("  says    ", "  truth   ", "machine ", "flash: ", "answered 202"):
        assert word in text
    (document,) = json.loads(call("explain", run, "--at", "07:20", "--device", "Ana", "--json").out)
    assert document["at"] <= "2026-03-16T07:20:00"
    assert document["why"]["rows"]


def test_what_is_asked_wrongly_is_one_sentence(run):
    assert "either --event N or --at" in sentence(call("explain", run))
    assert "no event of that number" in sentence(call("explain", run, "--event", 10**6))


def test_without_a_recording_it_says_why_there_is_no_why(run):
    said = call("explain", run / "events.ndjson", "--at", "07:20", "--device", "Ana")
    assert "why is not known" in said.out
