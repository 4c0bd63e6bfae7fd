"""Why there is no answer, in words that name the remedy."""

from __future__ import annotations

import socket
import ssl
from typing import get_args

import pytest

from sim.net.answer import Cause, NoAnswer, no_connection


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (ConnectionRefusedError(), "away"),
        (OSError("unreachable"), "away"),
        (socket.gaierror(-2, "unknown"), "unknown host"),
        (UnicodeError("label too long"), "unknown host"),
        (ssl.SSLCertVerificationError("expired"), "certificate"),
        (ssl.SSLError("wrong version number"), "tls"),
        (TimeoutError(), "late"),
    ],
)
def test_what_connecting_raises_has_its_cause(error, cause):
    assert no_connection(error) == NoAnswer(cause)


def test_each_cause_has_words_of_its_own():
    words = {str(NoAnswer(cause)) for cause in get_args(Cause)}
    assert len(words) == len(get_args(Cause))
    assert all(text.isascii() and text == text.strip() for text in words)
