"""What can go wrong between this computer and a Notecard, in a user's words."""

from __future__ import annotations

from collections.abc import Mapping

from badge.errors import InputError
from hil.card.reply import CardAnswer


class CardError(InputError):
    """A request to a card failed; the sentence names port, request, cause and remedy."""


class CardGoneError(CardError):
    """No sound answer came: it is not known whether the request was carried out.

    `sent` tells whether it left this computer at all.
    """

    def __init__(self, sentence: str, *, sent: bool = True) -> None:
        super().__init__(sentence)
        self.sent = sent


class CardRefusedError(CardError):
    """The card answered with `err`; `reply` is the whole answer."""

    def __init__(self, sentence: str, reply: Mapping[str, object]) -> None:
        super().__init__(sentence)
        self.reply = CardAnswer(reply)

    @property
    def err(self) -> str:
        """The card's own words, with their tags in braces."""
        return self.reply.text("err")


class GaveUp(BaseException):
    """Ends a transaction from below.

    note-python catches every `Exception` and tries again for minutes; this is none, so that a
    cable that is out, a deadline and a second sending are the end at once.
    """
