"""Sentences are found by what they are, wherever they stand; each kind was seen in a real log."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.sources.nmea_sentences import BAD_CHECKSUM, CUT_OFF, KINDS, UNREADABLE, Sentences
from tests.sim.sources.test_nmea import gga, gsa, rmc, sentence

ALL = frozenset(KINDS)


def kinds(content: bytes | str) -> list[str]:
    raw = content if isinstance(content, bytes) else content.encode()
    return [message.msgID for message in Sentences(raw, ALL)]


def skipped(content: str) -> dict[str, int]:
    sentences = Sentences(content.encode(), ALL)
    list(sentences)
    return {reason: count for reason, count in sentences.skipped.items() if count}


@pytest.mark.parametrize(
    "line",
    [
        "${}",  # ST Teseo writes $$GNRMC
        "NMEA,{},1714564800000",  # GnssLogger
        '"{}","12:00:00"',
        '{{"raw": "{}", "at": 1}}',
        "[12:00:00.123] {}",
        "\xb5b\x05$\x00{}",  # a UBX message with 0x24 in it
        "$GPGGA,1200{}",  # a sentence that was cut by the next
        "{0}{0}",
    ],
)
def test_a_sentence_is_found_in_any_company(line):
    assert set(kinds(line.format(rmc("120000")).encode("latin-1"))) == {"RMC"}


@pytest.mark.parametrize("kind", ["GGA", "RMC", "ZDA", "GSA"])
@pytest.mark.parametrize("maker", ["PQ", "PG", "PA", "PM"])
def test_what_a_maker_added_passes_unread_and_uncounted(kind, maker):
    line = sentence(f"{maker}{kind},A,3,12,,,1.2,0.9")
    assert kinds(line) == []
    assert skipped(line) == {}


def test_what_is_broken_is_counted_by_its_reason():
    wrong = gga("120000").replace("*", "1*")
    text = "\n".join([wrong, "$GPGGA,120001,4730", sentence("GPGGA,120002,x,N,y,E,many")])
    assert skipped(text) == {BAD_CHECKSUM: 1, CUT_OFF: 1, UNREADABLE: 1}


def test_comments_say_nothing_and_other_lines_are_passed_over():
    text = f"# {gga('115959')}\nboot: ok\n\n{gga('120000')}\n"
    sentences = Sentences(text.encode(), ALL)
    assert len(list(sentences)) == 1
    assert (sentences.passed_over, sentences.total) == (1, 1)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from([gga("120000"), rmc("120001"), gsa(3)]) | st.binary(max_size=12),
        max_size=12,
    )
)
def test_no_company_hides_a_sentence(parts):
    """Whatever stands between, all whole sentences are found, unless a `#` makes a comment."""
    raw = [part.encode() if isinstance(part, str) else part.replace(b"#", b"") for part in parts]
    wanted = sum(isinstance(part, str) for part in parts)
    assert len(kinds(b"\n".join(raw))) >= wanted
