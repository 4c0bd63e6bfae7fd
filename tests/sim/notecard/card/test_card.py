from __future__ import annotations

from sim.notecard.card import card
from sim.notecard.model.outputs import Dark, Pin
from sim.notecard.storage.state import read_state, state_text


def test_another_life_gives_no_number_of_the_first_again(make_desk):
    """A restarted card gave ``?`` the IDs of its first life, and overwrote its notes."""
    desk = make_desk()
    first = [desk.ask("note.add", file="a.db", note="?", body={"n": n})["note"] for n in range(20)]
    again = make_desk(state=read_state(state_text(desk.notecard.card.state), "state"))
    second = [again.ask("note.add", file="a.db", note="?", body={})["note"] for _ in range(20)]
    assert not set(first) & set(second)
    assert len(again.notecard.card.state.files["a.db"].notes) == 40


def test_two_lives_share_no_event_and_no_session(make_desk):
    seen: set[str] = set()
    for seed in (1, 2):
        desk = make_desk(seed=seed)
        desk.ask("note.add", body={"n": 1})
        desk.online()
        ids = {e["event"] for e in desk.notecard.hub.events}
        ids |= {e["session"] for e in desk.notecard.hub.events}
        assert not ids & seen
        seen |= ids


def test_a_restart_is_dark_and_resets_a_host_that_wants_it(desk):
    desk.ask("card.dfu", name="stm32", mode="altdfu")
    desk.ask("card.restart")
    desk.wait(5)
    assert [dark.reason for dark in desk.outputs(Dark)] == ["restart"]
    assert [p.high for p in desk.outputs(Pin) if p.name == "ALT_DFU_RESET"] == [False, True, None]


def test_a_clock_that_leaps_does_not_hold_the_card(desk, monkeypatch):
    assert card.STEPS_MAX <= 100_000  # two seconds
    monkeypatch.setattr(card, "STEPS_MAX", 1_000)
    desk.online()
    ticks, tick = [], card.Card._tick
    monkeypatch.setattr(card.Card, "_tick", lambda self: ticks.append(tick(self)))
    desk.wait(3 * 86_400)
    assert len(ticks) < 1_100
    assert desk.ask("hub.status")["connected"]
