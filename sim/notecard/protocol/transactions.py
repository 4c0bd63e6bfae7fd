"""The card on its wire: a pure machine from bytes and time to messages.

It assembles lines, checks and writes CRCs, knows a repeated request from a new one, receives
binary payloads, and plays the faults.  What the answers say is the card's business.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from sim.notecard.card.card import Card
from sim.notecard.card.replies import CardReply, Later
from sim.notecard.codec.arguments import Args, Members, RequestError, parse_request
from sim.notecard.codec.crc import CrcTail, append_crc, read_tail
from sim.notecard.codec.lines import LineAssembler, trimmed
from sim.notecard.model.outputs import Dark, Dropped, Message, Output, Traced
from sim.notecard.requests.table import REQUESTS

REPLAY_MS = 10_000  # a repeated request within this time is answered from memory
BURST_GAP_MS = 100  # a pause that lets the card empty its receive buffer
UNPLUG_MS = 3000
TRACED_CHARS_MAX = 4000  # of a text in the binary store: a batch of some twenty events
_SECRET = re.compile(r'("(?:password|text)"\s*:\s*")(?:[^"\\]|\\.)*')  # of card.wifi
_CRLF = b"\r\n"


@dataclass(slots=True)
class _Job:
    """A request being answered: `reply` is set once known, and leaves the card at `due_ms`."""

    tail: CrcTail | None
    request: Members
    reply: CardReply | Later
    due_ms: int
    heartbeat_ms: int | None = None


@dataclass(frozen=True, slots=True)
class _Done:
    """The last answer to a request with crc, for the host that did not hear it."""

    key: bytes
    at_ms: int
    messages: tuple[Message, ...]


class Transactions:
    """`receive` bytes, `advance` time at least at every `next_deadline_ms`; both answer outputs.

    Times are milliseconds of one clock that never goes back.
    """

    def __init__(self, card: Card) -> None:
        self.card = card
        card.requests = REQUESTS
        self.faults = card.faults
        self._lines = LineAssembler()
        self._job: _Job | None = None
        self._done: _Done | None = None
        self._stale = b"{}"
        self._dark_until_ms = 0
        self._burst_bytes = 0
        self._burst_ms = 0
        self._out: list[Output] = []

    # -- inputs ----------------------------------------------------------------------------------

    def receive(self, data: bytes, now_ms: int) -> list[Output]:
        """Take bytes from the host, in bursts of any size."""
        self._pass_time(now_ms)
        if not self._is_dark:
            self._lines.feed(self._without_overrun(data))
        while not self._is_dark and (line := self._lines.next_line()) is not None:
            if self.card.store.awaits_bytes:
                self._payload(line)
            else:
                self._line(trimmed(line))
            self._collect()
        return self._drain()

    def advance(self, now_ms: int) -> list[Output]:
        """Let time pass: links come up, slow answers fall due."""
        self._pass_time(now_ms)
        return self._drain()

    def unplug(self, now_ms: int, dark_ms: int = UNPLUG_MS) -> list[Output]:
        """Pull the cable and put it back after `dark_ms`; the card itself keeps its power."""
        self._pass_time(now_ms)
        self.card.outbox.append(Dark("unplug", dark_ms, self._now_ms))
        self._collect()
        return self._drain()

    def brown_out(self, now_ms: int) -> list[Output]:
        """Take the power away for a moment."""
        self._pass_time(now_ms)
        self.card.restart("brown-out")
        self._collect()
        return self._drain()

    @property
    def next_deadline_ms(self) -> int | None:
        """When `advance` is due; None if only the host can make something happen."""
        due = [self.card.next_deadline_ms]
        job = self._job
        if job is not None:
            due.append(job.heartbeat_ms)
            due.append(job.due_ms if _known(job.reply) else None)
        return min((ms for ms in due if ms is not None), default=None)

    # -- time ------------------------------------------------------------------------------------

    @property
    def _now_ms(self) -> int:
        return self.card.clock.now_ms

    @property
    def _is_dark(self) -> bool:
        return self._now_ms < self._dark_until_ms

    def _pass_time(self, now_ms: int) -> None:
        while (due_ms := self._heartbeat_due(now_ms)) is not None:
            self.card.advance(due_ms)
            self._collect()
            self._beat()
        self.card.advance(now_ms)
        self._collect()

    def _heartbeat_due(self, now_ms: int) -> int | None:
        job = self._job
        if job is None or job.heartbeat_ms is None or job.heartbeat_ms > now_ms:
            return None
        known = _known(job.reply)
        return None if known and job.due_ms <= job.heartbeat_ms else job.heartbeat_ms

    def _beat(self) -> None:
        job = self._job
        if job is None or job.heartbeat_ms is None:
            return
        job.heartbeat_ms += max(1, self.faults.param("heartbeat"))
        self.faults.count("heartbeat")
        name = job.request.get("req", "")
        beat = {"err": "request in progress {heartbeat}", "status": f"{name} is being processed"}
        self._speak(self._line_of(beat, job))

    def _collect(self) -> None:
        """Take what the card has said, and send the answer that has fallen due."""
        for output in self.card.outbox:
            if isinstance(output, Dark):
                self._go_dark(output)
            self._out.append(output)
        self.card.outbox.clear()
        job = self._job
        if job is not None and self._now_ms >= job.due_ms:
            reply = job.reply.reply if isinstance(job.reply, Later) else job.reply
            if reply is not None:
                self._job = None
                self._deliver(job, reply)

    def _go_dark(self, dark: Dark) -> None:
        self._dark_until_ms = max(self._dark_until_ms, dark.at_ms + dark.dark_ms)
        self._lines.clear()
        self._job = self._done = None
        self._out.append(Dropped())
        self._out.append(Traced("fault", f"{dark.reason}: dark for {dark.dark_ms} ms"))

    def _drain(self) -> list[Output]:
        out, self._out = self._out, []
        return out

    # -- what the host sent ----------------------------------------------------------------------

    def _without_overrun(self, data: bytes) -> bytes:
        if not self.faults.on("overrun"):
            return data
        if self._now_ms - self._burst_ms >= BURST_GAP_MS:
            self._burst_bytes = 0
        self._burst_ms = self._now_ms
        room = max(0, self.faults.param("overrun") - self._burst_bytes)
        self._burst_bytes += len(data)
        if len(data) > room:
            self.faults.count("overrun")
        return data[:room]

    def _payload(self, raw: bytes) -> None:
        if self._strikes("bad-bin") and raw:
            raw = bytes([raw[0] ^ 0x40]) + raw[1:]
        self.card.store.take(raw)
        verdict = self.card.store.bad or f"good{_text_of(self.card.store.held)}"
        self._out.append(Traced("binary", f"{len(raw)} encoded bytes received: {verdict}"))

    def _line(self, line: bytes) -> None:
        if not line:
            self._burst_bytes = 0
            self._out.append(Message(_CRLF))
            return
        self._out.append(Traced("request", _shown(line)))
        old = self.faults.on("no-crc") and self.faults.count("no-crc")
        tail = None if old else read_tail(line)
        if tail is not None and tail.good and self._repeated(tail):
            return
        self._job = self.card.pending = None
        self._out.append(Dropped())
        if self._struck_down():
            return
        self._answer(line, tail)

    def _repeated(self, tail: CrcTail) -> bool:
        """Swallow a repetition of the request in progress, replay the answer to the last one."""
        if self._job is not None and self._job.tail is not None:
            if self._job.tail.key == tail.key:
                self._out.append(Traced("request", "(repeated while in progress: swallowed)"))
                return True
            return False
        done = self._done
        if done is None or done.key != tail.key or self._now_ms - done.at_ms > REPLAY_MS:
            return False
        self._out.append(Dropped())
        self._out.append(Traced("reply", "(repeated: answered from memory)"))
        for message in done.messages:
            self._speak(message.data)
        return True

    def _struck_down(self) -> bool:
        if self._strikes("brown-out"):
            self.card.restart("brown-out")
            return True
        if self._strikes("unplug"):
            self.card.outbox.append(Dark("unplug", UNPLUG_MS, self._now_ms))
            return True
        return False

    def _answer(self, line: bytes, tail: CrcTail | None) -> None:
        request: Members = {}
        try:
            self._check_line(line, tail)
            request = parse_request(line)
            args = Args(request)
        except RequestError as error:
            request = {name: request[name] for name in ("id",) if name in request}
            self._plan(_Job(tail, request, CardReply({"err": error.text}), self._now_ms))
            return
        reply = self.card.run(args)
        silent = "req" not in request and "cmd" in request
        if silent or (isinstance(reply, CardReply) and reply.silent):
            return
        self._plan(_Job(tail, request, reply, self._now_ms))

    def _check_line(self, line: bytes, tail: CrcTail | None) -> None:
        limit = self.faults.param("long-line")
        if self.faults.on("long-line") and len(line) > limit and self.faults.count("long-line"):
            raise RequestError(f"request is longer than {limit} bytes {{too-big}} {{io}}")
        if tail is not None and not tail.good:
            raise RequestError("CRC does not match the request {io}")

    # -- what the card says ----------------------------------------------------------------------

    def _plan(self, job: _Job) -> None:
        if self.faults.lasts("slow"):
            job.due_ms += self.faults.param("slow")
        beats = self.faults.on("heartbeat") or self.faults.lasts("heartbeat")
        if beats:
            job.due_ms = max(job.due_ms, self._now_ms + self.faults.param("heartbeat"))
            job.heartbeat_ms = self._now_ms
        self._job = job
        if beats:
            self._beat()
        self._collect()

    def _deliver(self, job: _Job, reply: CardReply) -> None:
        self._burst_bytes = 0  # what was answered has left the receive buffer
        line = self._line_of(reply.members, job)
        messages = [Message(line)]
        if reply.raw is not None:
            messages.append(Message(reply.raw + b"\n"))
        if job.tail is not None and job.tail.good:
            self._done = _Done(job.tail.key, self._now_ms, tuple(messages))
        if self._strikes("garbage"):
            self._out.append(Message(b"\x00\xff\xfe~#"))
        if self._strikes("stale"):
            self._out.append(Message(self._stale + _CRLF))
        self._stale = line.removesuffix(_CRLF)
        if self._strikes("corrupt-crc"):  # on the way out only: a repetition is answered well
            messages[0] = Message(_corrupted(line))
        for message in messages:
            self._speak(message.data)

    def _line_of(self, members: Members, job: _Job) -> bytes:
        if job.request.get("id") is not None:
            members = members | {"id": job.request["id"]}
        text = _dumped(members)
        return (text if job.tail is None else append_crc(text, job.tail.sequence)) + _CRLF

    def _strikes(self, kind: str) -> bool:
        struck = self.faults.strikes(kind)
        if struck:
            self._out.append(Traced("fault", kind))
        return struck

    def _speak(self, data: bytes) -> None:
        self._out.append(Message(data))
        if data.endswith(_CRLF):
            self._out.append(Traced("reply", data.decode("utf-8", "replace").rstrip()))
        else:
            self._out.append(Traced("binary", f"{len(data)} encoded bytes sent"))


def _shown(line: bytes) -> str:
    """A request as whoever watches may see it: without the passwords of access points."""
    text = line.decode("utf-8", "replace")
    return _SECRET.sub(r"\1...", text) if "card.wifi" in text else text


def _known(reply: CardReply | Later) -> bool:
    return isinstance(reply, CardReply) or reply.reply is not None


def _dumped(members: Members) -> bytes:
    try:
        return json.dumps(members, separators=(",", ":"), ensure_ascii=False).encode()
    except UnicodeEncodeError:  # half a surrogate pair, which UTF-8 cannot carry
        return json.dumps(members, separators=(",", ":")).encode()


def _corrupted(line: bytes) -> bytes:
    """Change the last digit of the crc, or without one the last character before the brace."""
    at = -5 if line.endswith(b'"}\r\n') else -4
    changed = b"0" if line[at : at + 1] != b"0" else b"1"
    return line[:at] + changed + line[at + 1 :]


def _text_of(content: bytes) -> str:
    """Return what a trace tells of the binary store: its text; nothing of what is none."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return ""
    if not text.isprintable():
        return ""
    rest = len(text) - TRACED_CHARS_MAX
    return f": {text[:TRACED_CHARS_MAX]}" + (f"… and {rest} more" if rest > 0 else "")
