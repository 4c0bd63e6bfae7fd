"""note-python's defects end in `hil.card.client`: on a pty and on I2C, against the virtual card."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from importlib.metadata import requires

import pytest

from badge.errors import InputError
from hil.card.errors import CardGoneError, CardRefusedError
from sim.notecard.model.faults import Faults, parse_faults
from sim.notecard.model.link import Timing
from sim.notecard.model.outputs import Message
from tests.patience import PATIENCE_S, until

both = pytest.mark.parametrize("wire", ["serial", "i2c-socket"])


@both
@pytest.mark.parametrize("words", [(), ("no-crc",)])
def test_a_request_is_answered_and_a_refusal_names_it(bench, card_at, wire, words):
    card = card_at(bench(wire, faults=parse_faults(words)).spec)
    assert card.ask("card.version")["device"].startswith("dev:")
    assert card.ask("echo", {"text": "x" * 600}) == {"text": "x" * 600}
    with pytest.raises(CardRefusedError, match=r"card\.nonsense: .*\{not-supported\}") as caught:
        card.ask("card.nonsense")
    assert caught.value.reply["err"] == caught.value.err


@both
def test_heartbeats_do_not_make_it_ask_again(bench, card_at, wire):
    here = bench(wire, faults=Faults({"heartbeat": 30}))
    card = card_at(here.spec)
    assert card.ask("echo", {"text": "a"}) == {"text": "a"}
    assert card.ask("echo", {"text": "b"}) == {"text": "b"}
    assert here.notecard.faults.struck["heartbeat"] > 0
    assert len(here.requests("echo")) == 2
    assert card.resent == 0


@both
@pytest.mark.parametrize("kind", ["stale", "garbage"])
def test_what_stands_before_an_answer_is_passed_over(bench, card_at, wire, kind):
    here = bench(wire)
    card = card_at(here.spec)
    card.ask("echo", {"text": "old"})
    here.live.act(lambda notecard: notecard.faults.arm(kind))
    assert card.ask("note.add", {"body": {"n": 1}}, once=True) == {"total": 1}
    assert here.notecard.faults.struck[kind] == 1
    assert len(here.requests("note.add")) == 1


@both
def test_a_damaged_answer_is_asked_for_again_unless_twice_would_count(bench, card_at, wire):
    here = bench(wire)
    card = card_at(here.spec)
    card.ask("hub.get")
    here.live.act(lambda notecard: notecard.faults.arm("corrupt-crc"))
    assert card.ask("echo", {"text": "a"}) == {"text": "a"}
    assert card.resent == 1
    here.live.act(lambda notecard: notecard.faults.arm("corrupt-crc"))
    with pytest.raises(CardGoneError, match=r"note\.add: the answer's CRC is wrong") as caught:
        card.ask("note.add", {"body": {"n": 1}}, once=True)
    assert caught.value.sent
    assert len(here.requests("note.add")) == 1
    assert card.ask("note.add", {"body": {"n": 1}}, once=True) == {"total": 2}


@both
def test_a_slow_card_ends_in_a_timeout_that_is_named(bench, card_at, wire):
    here = bench(wire)
    card = card_at(here.spec)
    card.ask("hub.get")
    here.live.act(lambda notecard: notecard.faults.params.update(slow=1500))
    with pytest.raises(CardGoneError, match=r"card\.voltage: no answer"):
        card.ask("card.voltage", once=True, timeout_s=0.2)
    here.live.act(lambda notecard: notecard.faults.params.clear())
    assert "value" in card.ask("card.voltage", timeout_s=PATIENCE_S)


def test_a_member_named_crc_in_an_answer_is_data(bench, card_at):
    card = card_at(bench().spec)
    assert card.ask("echo", {"text": "a", "body": {"crc": "0000:00000000"}})["body"] == {
        "crc": "0000:00000000"
    }


def test_the_text_hub_set_is_data_and_leaves_the_body_alone(bench, card_at):
    here = bench()
    card = card_at(here.spec)
    assert card.ask("echo", {"text": "hub.set", "body": {"n": 1}})["body"] == {"n": 1}
    card.ask("hub.set", {"product": "com.example:badge"})
    assert card.ask("hub.get")["product"] == "com.example:badge"


def test_what_is_empty_or_false_is_sent_like_anything_else(bench, card_at):
    here = bench()
    card_at(here.spec).ask("note.add", {"body": {}, "sync": False, "payload": ""})
    asked = here.requests("note.add")[-1]
    assert '"body":{},"sync":false,"payload":""' in asked


def test_an_empty_line_before_an_answer_is_passed_over(bench, card_at):
    here = bench()
    card = card_at(here.spec)
    card.ask("hub.get")
    here.live.deliver(Message(b"\r\n"))
    here.live.woken()
    while not card._wire.in_waiting:
        time.sleep(0.001)  # the card's thread has still to write it
    assert card.ask("note.add", {"body": {"n": 1}}, once=True) == {"total": 1}


def test_what_note_python_imports_without_saying_so_is_brought_by_the_extra():
    wanted = [one for one in requires("badge-simulator") if 'extra == "hil"' in one]
    assert any(one.startswith("python-periphery") for one in wanted)


def test_the_sequence_number_wraps_at_four_digits(bench, card_at):
    here = bench()
    card = card_at(here.spec)
    card.ask("hub.get")
    card._client._last_request_seq_number = 0xFFFF
    card.ask("echo", {"text": "a"})
    assert card.ask("echo", {"text": "b"}) == {"text": "b"}
    assert '"crc":"0000:' in here.requests("echo")[-1]


def test_the_cable_out_and_in_again(bench, card_at):
    here = bench()
    card = card_at(here.spec)
    card.ask("hub.get")
    here.live._handle(here.notecard.transactions.unplug(here.live.now_ms(), 600))
    begun = time.monotonic()
    here.live.woken()
    with pytest.raises(CardGoneError):
        _ask_for_ever(card)
    assert time.monotonic() - begun < 60, "note-python alone goes on for minutes"

    def answers():
        with suppress(CardGoneError):
            return card.ask("hub.get", timeout_s=0.5)

    until(answers, "the cable is not in again")
    assert card.openings == 2


def _ask_for_ever(card):
    while True:
        card.ask("hub.get", timeout_s=0.3)
        time.sleep(0.02)  # not to spin until the cable is out


@both
def test_a_brown_out_costs_an_attempt_and_the_time(bench, card_at, wire):
    here = bench(wire, timing=Timing(boot_s=0.01))
    card = card_at(here.spec)
    card.ask("card.time", {"time": 1_780_000_000})
    here.live.act(lambda notecard: notecard.faults.arm("brown-out"))
    assert "value" in card.ask("card.voltage", timeout_s=2.0)
    with pytest.raises(CardRefusedError, match="no-time"):
        card.ask("card.time")


def test_two_programs_take_turns_or_are_told(bench, card_at):
    here = bench()
    card = card_at(here.spec)
    card.ask("hub.get")
    other = card_at(here.spec)
    with pytest.raises(CardGoneError, match="in use by another program"):
        other.ask("hub.get")


def test_two_cards_do_not_share_a_lock(bench, card_at):
    first, second = card_at(bench().spec), card_at(bench().spec)
    assert first._lock_path != second._lock_path
    assert first.ask("hub.get")
    assert second.ask("hub.get")


def test_i2c_transactions_of_two_threads_do_not_mix(bench, card_at):
    card = card_at(bench("i2c-socket").spec)
    found = {}

    def ask(number):
        for turn in range(5):
            text = f"{number}-{turn}"
            found[text] = card.ask("echo", {"text": text})["text"]

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 15
    assert all(key == value for key, value in found.items())


def test_closing_from_another_thread_ends_a_long_request(bench, card_at):
    here = bench()
    card = card_at(here.spec)
    card.ask("hub.get")
    here.live.act(lambda notecard: notecard.faults.params.update(slow=120_000))
    threading.Timer(0.2, card.close).start()
    begun = time.monotonic()
    with pytest.raises(CardGoneError, match="closed"):
        card.ask("hub.get", timeout_s=120)
    assert time.monotonic() - begun < 60, "not the two minutes that it may take"


def test_a_port_that_is_not_there_or_is_no_card(card_at, tmp_path, monkeypatch, impatient):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with pytest.raises(CardGoneError, match="is not there; plug it in") as caught:
        card_at(f"serial:{tmp_path}/none").ask("card.version")
    assert not caught.value.sent
    master, slave = os.openpty()
    with pytest.raises(CardGoneError, match="no Notecard answers there"):
        card_at(f"serial:{os.ttyname(slave)}").ask("card.version")
    os.close(master)
    os.close(slave)


@pytest.mark.parametrize("spec", ["", "serial", "serial:", "usb:/dev/ttyACM0", "/dev/ttyACM0"])
def test_a_name_that_is_none(card_at, spec):
    with pytest.raises(InputError, match="write it like one of: serial:/dev/ttyACM0"):
        card_at(spec)
