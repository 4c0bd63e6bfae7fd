"""Requests of web.* on their way through proxy routes; fragments are put together first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from badge.words import counted
from sim.notecard.codec.arguments import RequestError
from sim.notecard.model.exchange import WebCall, WebReply
from sim.notecard.model.outputs import Fetched
from sim.notecard.notehub.delivery import Send
from sim.notecard.notehub.routes import Proxy
from sim.notecard.storage.binary import md5_hex

FRAGMENTS_BYTES_MAX = 16 << 20
UPLOADS_MAX = 16  # begun and not yet whole
CONTINUE = 100  # what Notehub answers to all fragments but the last
Answer = Callable[[WebReply], None]


@dataclass(slots=True)
class _Whole:
    """The last upload that became whole: a repetition of its last fragment delivers no more."""

    digest: str
    reply: WebReply | None = None
    also: list[Answer] | None = None


class Proxies:
    """`call` passes a request on; `answered` takes what came back."""

    def __init__(
        self, proxies: Mapping[str, Proxy], send: Send, seen: Callable[[str], None]
    ) -> None:
        self.proxies = dict(proxies)
        self._send, self._seen = send, seen
        self._calls: dict[int, Answer] = {}
        self._fragments: dict[tuple[str, ...], bytes] = {}
        self._wholes: dict[tuple[str, ...], _Whole] = {}

    def call(self, device: str, call: WebCall, answered: Answer) -> None:
        """Answer at once what needs no route's answer: an unknown one, a fragment, a repetition."""
        proxy = self.proxies.get(call.route)
        if proxy is None:
            answered(WebReply(0, refusal=f"route not found: {call.route[:100]} {{no-handler}}"))
            return
        if call.digest and call.digest != md5_hex(call.body):
            answered(WebReply(0, refusal="payload was damaged on its way {web-payload}"))
            return
        if not call.total:
            self._pass_on(proxy, call, call.body, answered)
            return
        self._fragment(device, proxy, call, answered)

    def _fragment(self, device: str, proxy: Proxy, call: WebCall, answered: Answer) -> None:
        key = (device, call.route, call.name, call.label)
        digest = f"{call.offset}/{call.total}:{md5_hex(call.body)}"
        done = self._wholes.get(key)
        if done is not None and done.digest == digest and call.offset:
            if done.reply is not None:
                answered(done.reply)
            elif done.also is not None:
                done.also.append(answered)
            return
        held = self._fragments.pop(key, b"")
        if len(held) < call.offset:
            answered(WebReply(0, refusal=f"fragment at {call.offset} comes too early {{io}}"))
            self._fragments[key] = held
            return
        held = held[: call.offset] + call.body
        if len(held) < call.total and len(held) <= FRAGMENTS_BYTES_MAX:
            self._fragments[key] = held
            _forget_oldest(self._fragments)
            answered(WebReply(CONTINUE))
            return
        whole = _Whole(digest, also=[answered])
        self._wholes[key] = whole
        _forget_oldest(self._wholes)

        def settle(reply: WebReply) -> None:
            # A refusal is not a delivery: whoever asks again shall have it tried again.
            if reply.refusal:
                self._wholes.pop(key, None)
                self._fragments[key] = held[: call.offset]
            waiting, whole.reply, whole.also = whole.also or [], reply, None
            for one in waiting:
                one(reply)

        self._pass_on(proxy, call, held, settle)

    def _pass_on(self, proxy: Proxy, call: WebCall, body: bytes, answered: Answer) -> None:
        try:
            url = proxy.address(call.name)
        except RequestError as error:
            answered(WebReply(0, refusal=error.text))
            return
        headers = dict(proxy.headers)
        if body:
            headers = {"Content-Type": call.content or "application/json"} | headers
        elif call.content:  # nothing is sent: it says what is to come back
            headers = {"Accept": call.content} | headers
        self._seen(
            f"{call.method} {call.route}/{call.name.lstrip('/')} ({counted(len(body), 'byte')})"
        )
        number = self._send(call.method, url, body, headers, call.timeout_s)
        self._calls[number] = answered

    def answered(self, answer: Fetched) -> None:
        """Take the answer to one request; an answer to something else is left alone."""
        call = self._calls.pop(answer.fetch_id, None)
        if call is None:
            return
        self._seen(f"{answer.status or answer.reason} from proxy route")
        if answer.status:
            call(WebReply(answer.status, answer.body, answer.content_type))
        else:
            why = f"proxy route does not answer: {answer.reason} {{host-unreachable}}"
            call(WebReply(0, refusal=why))


def _forget_oldest(held: dict[tuple[str, ...], bytes] | dict[tuple[str, ...], _Whole]) -> None:
    while len(held) > UPLOADS_MAX:
        del held[next(iter(held))]
