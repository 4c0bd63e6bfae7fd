"""A slot byte by byte: what is written where, which copy is read, and what a boot adds."""

from __future__ import annotations

from zlib import crc32

import cbor2
import pytest

from badge.effects import Erase, Notice, Program
from badge.errors import InputError
from badge.storage import config_slots
from badge.storage.config_slots import ConfigSlots
from badge.storage.geometry import Geometry

FLASH = Geometry(page_bytes=1536, config_pages=2, ring_pages=5)
SLOT, PAGE, DOCUMENT = FLASH.slot_address(1), 1536, 128
WORN = Notice("flash_worn", "flash did not keep the configuration that was pushed")


class Bytes:
    """A flash of these bytes that counts how often a place is read."""

    def __init__(self, image):
        self.image, self.reads = bytes(image), []

    def read(self, address, length):
        self.reads.append((address, length))
        return self.image[address : address + length]


def blank():
    return bytearray(b"\xff" * FLASH.total_bytes)


def put(image, effects):
    for effect in effects:
        if isinstance(effect, Program):
            image[effect.address : effect.address + len(effect.content)] = effect.content
    return image


def sized(length):
    """A document of so many bytes of CBOR."""
    document = {"x": "y" * (length - 6)}
    assert len(cbor2.dumps(document)) == length
    return document


def header_of(document, version=1, magic=b"BCFG", length=None):
    content = cbor2.dumps(document)
    rest = (version, len(content) if length is None else length, crc32(content, version))
    return magic + b"".join(value.to_bytes(4, "little") for value in rest)


@pytest.mark.parametrize("length", [300, 301, 302, 303])
def test_documents_are_padded_to_words(length):
    document = sized(length)
    (erase, content, first, second) = config_slots.write(document, 1, FLASH)
    padded = cbor2.dumps(document) + bytes(-length % 4)
    header = header_of(document)
    assert erase == Erase(SLOT)
    assert content == Program(SLOT + DOCUMENT, padded)
    assert (first, second) == (Program(SLOT, header), Program(SLOT + 16, header))


def test_a_document_of_two_pages_is_erased_first_and_cut_between_them():
    document = sized(2000)
    content, header = cbor2.dumps(document), header_of(document)
    assert config_slots.write(document, 1, FLASH) == (
        Erase(SLOT),
        Erase(SLOT + PAGE),
        Program(SLOT + DOCUMENT, content[: PAGE - DOCUMENT]),
        Program(SLOT + PAGE, content[PAGE - DOCUMENT :]),
        Program(SLOT, header),
        Program(SLOT + 16, header),
    )


def test_the_largest_fills_its_slot_and_is_read_again():
    room = 2 * PAGE - DOCUMENT
    image = put(blank(), config_slots.write(sized(room), 1, FLASH))
    assert config_slots.read(Bytes(image), FLASH).document == sized(room)
    with pytest.raises(InputError, match=f"{room + 1} bytes are too many for flash; {room} fit"):
        config_slots.write(sized(room + 1), 1, FLASH)


def test_a_length_beyond_the_slot_is_no_header():
    room = 2 * PAGE - DOCUMENT
    image, document = blank(), sized(room + 4)
    start = FLASH.slot_address(0)
    image[start : start + 16] = header_of(document, 2)
    content = cbor2.dumps(document)
    image[start + DOCUMENT : start + DOCUMENT + len(content)] = content
    assert config_slots.read(Bytes(image), FLASH).document is None


def test_a_header_of_another_kind_is_none_even_if_its_sum_is_right():
    image = put(blank(), config_slots.write({"n": 1}, 1, FLASH))
    for copy in range(2):
        image[SLOT + 16 * copy : SLOT + 16 * copy + 16] = header_of({"n": 1}, magic=b"XCFG")
    assert config_slots.read(Bytes(image), FLASH).document is None


@pytest.mark.parametrize("copy", range(8))
def test_any_copy_of_the_header_will_do(copy):
    image = put(blank(), config_slots.write({"n": 1}, 1, FLASH))
    header = image[SLOT : SLOT + 16]
    image[SLOT : SLOT + DOCUMENT] = b"\0" * DOCUMENT
    image[SLOT + 16 * copy : SLOT + 16 * copy + 16] = header
    assert config_slots.read(Bytes(image), FLASH).document == {"n": 1}


def test_what_is_no_document_is_none_even_if_its_sum_is_right():
    image = blank()
    for copy in range(2):
        image[SLOT + 16 * copy : SLOT + 16 * copy + 16] = header_of([1])
    image[SLOT + DOCUMENT : SLOT + DOCUMENT + 2] = cbor2.dumps([1])
    assert config_slots.read(Bytes(image), FLASH).document is None


def test_a_document_is_read_once_for_each_header():
    image = blank()
    for copy in range(8):
        image[SLOT + 16 * copy : SLOT + 16 * copy + 16] = header_of({"n": 1})
    flash = Bytes(image)
    assert config_slots.read(flash, FLASH).document is None
    assert [one for one in flash.reads if one[0] == SLOT + DOCUMENT] == [
        (SLOT + DOCUMENT, len(cbor2.dumps({"n": 1})))
    ]


def test_a_wrecked_slot_is_told_as_damage():
    image = put(blank(), config_slots.write({"n": 1}, 1, FLASH))
    image[FLASH.slot_address(0)] = 0
    erase, notice = config_slots.read(Bytes(image), FLASH).effects
    assert erase == Erase(FLASH.slot_address(0))
    assert (notice.about, notice.text) == (
        "flash_damage",
        "a configuration in flash was cut off while it was written, or has rotted; "
        "version 1 is in force",
    )


# Places of the eight that hold a copy of the header; where a boot writes two more, if at all.
@pytest.mark.parametrize(
    ("held", "places"),
    [
        ("H.......", (2, 3)),
        ("HH......", None),
        ("Hx......", None),
        ("H.x.....", (4, 5)),
        ("H.HH....", None),
        ("H.H.....", (4, 5)),
        ("H.H.H...", (6, 7)),
        ("H.H.H.H.", None),
        ("H.H..H..", None),
        ("H...H...", (6, 7)),
        (".H......", (3, 4)),
        (".H.x....", (5, 6)),
        ("x.H.....", (4, 5)),
        ("...HH...", None),
    ],
)
def test_a_boot_adds_two_copies_unless_one_is_known_to_be_complete(held, places):
    image, header = blank(), header_of({"n": 1})
    content = cbor2.dumps({"n": 1})
    image[SLOT + DOCUMENT : SLOT + DOCUMENT + len(content)] = content
    for place, what in enumerate(held):
        at = SLOT + 16 * place
        if what == "H":
            image[at : at + 16] = header
        elif what == "x":
            image[at] = 0x42
    added = tuple(Program(SLOT + 16 * place, header) for place in places or ())
    assert config_slots.read(Bytes(image), FLASH).effects == added


def test_before_flash_is_read_there_is_none_and_the_first_is_version_one():
    slots = ConfigSlots(FLASH)
    assert slots.document is None
    assert slots.save({"n": 1}) == config_slots.write({"n": 1}, 1, FLASH)


def test_a_slot_that_keeps_nothing_is_tried_three_times_more_each_time():
    slots = ConfigSlots(FLASH)
    version = 0
    for push in ({"n": 1}, {"n": 2}):
        version += 1
        assert slots.save(push) == config_slots.write(push, version, FLASH)
        assert slots.retry() == ()
        for _ in range(3):
            version += 2
            slots.put_off()
            assert slots.retry() == config_slots.write(push, version, FLASH)
            assert slots.retry() == ()
        slots.put_off()
        assert slots.retry() == (WORN,)
