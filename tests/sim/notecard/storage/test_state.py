from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.errors import InputError
from sim.notecard.protocol.virtual import VirtualNotecard
from sim.notecard.storage.state import CardState, read_state, state_text
from sim.notecard.transport.realtime import RealtimeNotecard, load_state, save_state
from tests.strategies import unhurried


def test_everything_set_is_there_after_the_power_was_off(make_desk):
    desk = make_desk()
    desk.online()
    desk.ask("note.template", file="r.qo", body={"n": 14})
    desk.ask("note.add", file="r.qo", body={"n": 5}, payload="YQ==", verify=True)
    desk.ask("note.add", file="keep.dbx", note="a", body={"deep": [1, {"x": None}]})
    desk.ask("env.set", name="rate", text="5")
    desk.ask("card.io", i2c=0x42)
    text = state_text(desk.notecard.card.state)
    again = make_desk(state=read_state(text, "state"))
    assert again.ask("hub.get") == desk.ask("hub.get")
    assert again.ask("note.changes", file="r.qo") == desk.ask("note.changes", file="r.qo")
    assert again.ask("note.get", file="keep.dbx", note="a")["body"] == {"deep": [1, {"x": None}]}
    assert again.ask("env.get", name="rate")["text"] == "5"
    assert again.notecard.card.state.i2c_address == 0x42
    assert state_text(again.notecard.card.state) == state_text(desk.notecard.card.state)


def test_a_live_card_saves_before_it_answers(tmp_path):
    path = tmp_path / "card.json"
    live = RealtimeNotecard(VirtualNotecard(), state_path=path)
    held = []
    live.deliver = lambda output: held.append(load_state(path).files["data.qo"].added)
    live.receive(b'{"req":"note.add","body":{"n":1}}\n')
    live.close()
    assert held[-1] == 1


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"i2c_address":"x"}', '{"files":{"a":1}}', '{"settings":5}']
)
def test_damage_is_one_sentence(text, tmp_path):
    path = tmp_path / "card.json"
    path.write_text(text)
    with pytest.raises(InputError, match=r"card\.json: not a card's state"):
        load_state(path)


@unhurried
@given(st.text(max_size=60))
def test_any_text_is_a_state_or_an_input_error(text):
    with suppress(InputError):
        assert isinstance(read_state(text, "x"), CardState)


def test_saving_leaves_nothing_behind(tmp_path):
    save_state(tmp_path / "s", CardState())
    assert [path.name for path in tmp_path.iterdir()] == ["s"]
    assert load_state(tmp_path / "none") == CardState()
