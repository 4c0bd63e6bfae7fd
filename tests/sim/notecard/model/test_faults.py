"""Every kind of fault is seen to strike."""

from __future__ import annotations

import json

import pytest

from badge.errors import InputError
from sim.notecard.codec.cobs import cobs_encode
from sim.notecard.model.faults import KINDS, Faults, parse_faults
from sim.notecard.model.outputs import Dark


def echo() -> bytes:
    from zlib import crc32

    text = b'{"req":"echo","text":"x"}'
    return b'%b,"crc":"0000:%08X"}\n' % (text[:-1], crc32(text))


def struck_by(make_desk, word: str, data: bytes = b""):
    desk = make_desk(faults=parse_faults((word,)))
    said = desk.send(data or echo())
    return desk, said


def test_a_heartbeat_precedes_the_answer(make_desk):
    desk, said = struck_by(make_desk, "heartbeat:300")
    assert b"{heartbeat}" in said
    assert b'"text":"x"' in desk.wait(0.3)


def test_garbage_precedes_the_reply(make_desk):
    desk, said = struck_by(make_desk, "garbage:1")
    assert not said.startswith(b"{")
    assert b'{"text":"x"' in said
    assert desk.told("fault") == ["garbage"]


def test_a_stale_line_precedes_the_reply(make_desk):
    _, said = struck_by(make_desk, "stale:1")
    assert len(said.splitlines()) == 2


def test_a_corrupt_crc_is_repaired_by_asking_again(make_desk):
    desk, said = struck_by(make_desk, "corrupt-crc:2", echo() + echo())
    good = said.splitlines()[0]
    desk.wait(20)
    bad = desk.send(echo()).rstrip()
    assert json.loads(bad)["text"] == "x"
    assert bad != good
    assert desk.send(echo()).rstrip() == good


def test_slow_is_that_late(make_desk):
    desk, said = struck_by(make_desk, "slow:700")
    assert said + desk.wait(0.69) == b""
    assert desk.wait(0.01)


@pytest.mark.parametrize("word", ["brown-out", "unplug"])
def test_power_and_cable(make_desk, word):
    desk, said = struck_by(make_desk, f"{word}:1")
    assert said == b""
    assert [one.reason for one in desk.outputs(Dark)] == [word]


def test_a_brown_out_takes_ram_but_not_flash(desk):
    desk.online()
    desk.ask("note.add", file="local.dbx", note="a", body={"n": 1})
    encoded = cobs_encode(b"abc")
    desk.ask("card.binary.put", cobs=len(encoded))
    desk.send(encoded + b"\n")
    desk.notecard.transactions.brown_out(desk.now_ms)
    desk.now_ms += 2000
    assert "length" not in desk.ask("card.binary")
    assert "{no-time}" in desk.ask("card.time")["err"]
    assert desk.ask("hub.get")["mode"] == "continuous"
    assert desk.ask("note.get", file="local.dbx", note="a")["body"] == {"n": 1}


def test_the_penalty_box(make_desk):
    desk = make_desk(faults=parse_faults(("penalty:600",)))
    desk.ask("hub.set", product="com.example:badge", mode="continuous")
    desk.wait(1)
    status = desk.ask("hub.sync.status")
    assert "{registration-failure}" in status["status"]
    assert 0 < status["seconds"] <= 600
    assert "{extended-network-failure}" in desk.ask("note.add", limit=True)["err"]
    desk.notecard.faults.params.clear()
    desk.wait(610)
    assert desk.ask("hub.status")["connected"]


def test_a_damaged_payload(make_desk):
    desk = make_desk(faults=parse_faults(("bad-bin:1",)))
    encoded = cobs_encode(b"abc")
    desk.ask("card.binary.put", cobs=len(encoded), status="900150983cd24fb0d6963f7d28e17f72")
    desk.send(encoded + b"\n")
    assert "{bad-bin}" in desk.ask("card.binary")["err"]


def test_a_line_too_long(make_desk):
    _, said = struck_by(make_desk, "long-line:40", b'{"req":"echo","text":"%b"}\n' % (b"x" * 40))
    assert b"{too-big}" in said


def test_a_burst_too_long(make_desk):
    desk, said = struck_by(make_desk, "overrun:100", b'{"req":"echo","text":"%b"}\n' % (b"x" * 99))
    assert said == b""
    assert desk.notecard.faults.struck["overrun"] == 1


def test_old_firmware(make_desk):
    _, said = struck_by(make_desk, "no-crc")
    assert b"crc" not in said


def test_armed_faults_strike_that_often_and_are_counted():
    faults = Faults()
    faults.arm("nack", 2)
    assert [faults.strikes("nack") for _ in range(4)] == [True, True, False, False]
    assert faults.struck["nack"] == 2


@pytest.mark.parametrize("word", ["rain", "slow:soon", "slow:-1", "slow:1.5", "slow:²"])
def test_words_that_are_no_fault(word):
    with pytest.raises(InputError):
        parse_faults((word,))


def test_every_kind_has_a_default():
    assert parse_faults(tuple(KINDS)).params == {kind: KINDS[kind][1] for kind in KINDS}
