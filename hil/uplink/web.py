"""Batches through `web.post` and a proxy route of Notehub: the ingest's own answer comes back."""

from __future__ import annotations

from base64 import b64decode, b64encode

from pydantic_core import to_json

from badge.answers import read_answer
from badge.effects import Upload
from badge.errors import InputError
from badge.inputs import UploadAnswer
from hil.card import binary as card_binary
from hil.card.client import Notecard
from hil.card.errors import CardGoneError
from hil.card.reply import CardAnswer
from hil.card.thread import Card

INLINE_BYTES_MAX = 3_000  # as base64 half of the card's line; above, the binary store is safer
POST_S = 60  # of the card's wait for the proxy; well below the badge's answer_timeout_s
_KEY = "is the API key in the route in Notehub? (its header X-Actual-Api-Key)"
_REMEDIES = {
    401: _KEY,
    403: _KEY,
    404: "does the route lead to the ingest's /api/events?",
    405: "does the route lead to the ingest's /api/events?",
    415: "the route must not compress what it passes on",
    422: "is the firmware too old for it? (see --firmware)",
}
_MARGIN_S = 10.0  # so that it is the card that gives up first, and says why


class WebUplink:
    """`trouble` is the last thing that went wrong, as a sentence; None after an answer of 2xx.

    The proxy route adds the API key, so that it is on no badge's wire.  Retry-After is a header,
    and the card passes none on: the badge's own backoff holds.
    """

    def __init__(self, card: Card, route: str = "ingest", name: str = "") -> None:
        self._card, self._route, self._name = card, route, name
        self.trouble: str | None = None

    async def send(self, upload: Upload) -> UploadAnswer:
        """Post a batch, once; its fate is the status code, or None if none came."""
        try:
            answer = await self._card.do(lambda card: self._post(card, upload))
        except InputError as error:
            self.trouble = str(error)
            return UploadAnswer(upload.request, None)
        self.trouble = self._words(answer.status)
        return answer

    def _words(self, status: int | None) -> str | None:
        """Say what is wrong with an answer, and what to do; None if nothing is."""
        if status is None:
            return f"route {self._route}: 207 without its whole list; the batch is sent again"
        if status < 300:
            return None
        remedy = _REMEDIES.get(status, "")
        return f"route {self._route}: the ingest answered {status}" + (remedy and f"; {remedy}")

    def _post(self, card: Notecard, upload: Upload) -> UploadAnswer:
        members: dict[str, object] = {
            "route": self._route,
            "content": "application/json",
            "seconds": POST_S,
        }
        if self._name:
            members["name"] = self._name
        if len(upload.body) > INLINE_BYTES_MAX:
            card_binary.store(card, upload.body)
            members["binary"] = True
        else:
            members["payload"] = b64encode(upload.body).decode()
        reply = card.ask("web.post", members, once=True, timeout_s=POST_S + _MARGIN_S)
        return self._answer(card, upload.request, reply)

    def _answer(self, card: Notecard, request: int, reply: CardAnswer) -> UploadAnswer:
        status = reply.whole("result")
        if status is None or not 100 <= status < 600:
            raise CardGoneError(f"notecard {card.place}: web.post: no HTTP status in the answer")
        return read_answer(request, status, {}, _body(card, reply))


def _body(card: Notecard, reply: CardAnswer) -> bytes:
    """Find the answer's body where the card has put it."""
    if "body" in reply:
        return to_json(reply["body"])
    payload = reply.get("payload")
    if isinstance(payload, str):
        try:
            return b64decode(payload, validate=True)
        except ValueError:
            return b""
    length = reply.whole("length")
    return card_binary.fetch(card, length) if length is not None and length > 0 else b""
