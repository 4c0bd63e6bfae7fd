from __future__ import annotations

from sim.notecard.codec.cobs import cobs_decode, cobs_encode


def test_the_whole_store_goes_in_and_out_in_every_size_that_note_c_tries(desk):
    data = bytes(range(257)[n % 257] % 256 for n in range(261_110))
    encoded = cobs_encode(data)
    desk.ask("card.binary.put", cobs=len(encoded))
    desk.send(encoded + b"\n")
    status = desk.ask("card.binary")
    assert status["length"] == status["max"] == len(data)
    for size in (255, 4096, len(data) - 1):
        said = desk.send(b'{"req":"card.binary.get","offset":1,"length":%d}\n' % size)
        _, _, payload = said.partition(b"\r\n")
        assert cobs_decode(payload[:-1]) == data[1 : size + 1]


def test_an_expected_size_that_is_another_is_an_error(desk):
    encoded = cobs_encode(b"abc")
    desk.ask("card.binary.put", cobs=len(encoded))
    desk.send(encoded + b"\n")
    assert "{bad-bin}" in desk.ask("card.binary.get", cobs=9, length=3)["err"]
