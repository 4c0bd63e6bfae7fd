from __future__ import annotations

from base64 import b64decode
from hashlib import md5

import pytest

IMAGE = bytes(range(256)) * 200


@pytest.fixture
def desk(desk):
    desk.online()
    desk.notecard.hub.add_firmware("app.bin", IMAGE, "1.2.3", "better")
    desk.notecard.hub.offer_firmware("app.bin", [""])
    desk.ask("hub.sync")
    return desk


def test_an_image_is_downloaded_read_piece_by_piece_and_done_with(desk):
    desk.wait(2)
    status = desk.ask("dfu.status")
    assert status["mode"] == "downloading"
    assert status["pending"]
    desk.wait(10)
    assert desk.ask("dfu.status")["body"]["md5"] == md5(IMAGE).hexdigest()
    assert "{hub-mode}" in desk.ask("dfu.get", length=4)["err"]
    desk.ask("hub.set", mode="dfu")
    got = b""
    while len(got) < len(IMAGE):
        count = min(8000, len(IMAGE) - len(got))
        reply = desk.ask("dfu.get", offset=len(got), length=count)
        got += b64decode(reply["payload"])
    assert got == IMAGE
    desk.ask("dfu.status", stop=True, status="flashed")
    desk.ask("hub.set", mode="dfu-completed")
    assert desk.ask("dfu.status")["mode"] == "completed"
    assert desk.ask("hub.get")["mode"] == "continuous"


def test_in_the_binary_store_and_outboard(desk):
    desk.wait(10)
    desk.ask("card.dfu", name="esp32")
    assert desk.ask("dfu.status")["mode"] == "outboard-ready"
    desk.ask("hub.set", mode="dfu")
    reply = desk.ask("dfu.get", offset=0, length=len(IMAGE), binary=True)
    assert reply["status"] == md5(IMAGE).hexdigest()
    assert desk.notecard.card.store.held == IMAGE


def test_switched_off_nothing_is_fetched(make_desk):
    desk = make_desk()
    desk.ask("dfu.status", off=True)
    desk.online()
    desk.notecard.hub.add_firmware("app.bin", IMAGE, "", "")
    desk.notecard.hub.offer_firmware("app.bin", [""])
    desk.ask("hub.sync")
    desk.wait(10)
    assert desk.ask("dfu.status")["mode"] == "idle"


def test_a_side_load_that_is_damaged_is_sent_again(make_desk):
    from base64 import b64encode

    desk = make_desk()
    data = b"firmware"
    body = {"length": len(data), "md5": md5(data).hexdigest(), "name": "x"}
    assert desk.ask("dfu.put", body=body)["length"] > 0
    piece = {"offset": 0, "length": 8, "payload": b64encode(data).decode()}
    assert "{io}" in desk.ask("dfu.put", **piece, status="0" * 32)["err"]
    assert desk.ask("dfu.put", **piece, status=md5(data).hexdigest()) == {}
    assert desk.ask("dfu.status")["mode"] == "ready"
