"""What `badge run` shows while it runs: one live panel on a terminal, changed lines elsewhere."""

from __future__ import annotations

from rich.console import Console, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from badge.host.observers import Counts
from badge.words import counted, listed
from hil.app.pump import AsyncPump
from hil.ble.scanner import NoScanner, Scanner
from hil.card.sensors import CardView
from hil.ports import Uplink

_TAGS_SHOWN = 4  # what fits beside their RSSI in 80 columns
_KEYS = "keys: a assign   u end the shift   q quit"


class Status:
    """Looks at everything that runs and puts it in words."""

    def __init__(
        self,
        pump: AsyncPump,
        view: CardView,
        scanner: Scanner | NoScanner,
        counts: Counts,
        uplink: Uplink,
    ) -> None:
        self._pump, self._view, self._scanner = pump, view, scanner
        self._counts, self._uplink = counts, uplink

    def rows(self) -> list[tuple[str, str]]:
        """Return (what, how it is) for every row."""
        return [
            ("state", self._state()),
            ("position", self._position()),
            ("tags", self._heard()),
            ("queue", self._queue()),
            ("upload", self._upload()),
            ("card", self._card()),
        ]

    def line(self) -> str:
        """The same in one line, without what changes all the time."""
        badge = self._pump.badge
        near = f", {counted(len(badge.tags_near), 'tag')} near" if badge.tags_near else ""
        online = "online" if self._view.connected else "offline"
        return f"{self._state()}, {online}{near}, upload {badge.upload_state}"

    def troubles(self) -> list[str]:
        """All that is wrong now."""
        found = (self._view.trouble, self._scanner.trouble, self._uplink.trouble or "")
        return [text for text in found if text]

    def _state(self) -> str:
        badge = self._pump.badge
        worker = badge.store.state.worker_id
        return f"{badge.state} ({worker})" if worker else badge.state

    def _position(self) -> str:
        fix = self._view.fix
        if fix is not None:
            dop = f"  dop {fix.hdop:g}" if fix.hdop else ""
            return f"{fix.lat:.6f} {fix.lon:.6f}{dop}"
        words = self._view.fix_words.partition("{")[0].strip()
        return words or ("off" if self._pump.badge.state != "active" else "no fix yet")

    def _heard(self) -> str:
        heard = sorted(self._scanner.heard.items(), key=lambda one: -one[1])
        near = set(self._pump.badge.tags_near)
        tags = [f"{mac} {rssi}{'*' if mac in near else ''}" for mac, rssi in heard]
        return listed(tags, _TAGS_SHOWN) if tags else "none heard"

    def _queue(self) -> str:
        queue = self._pump.badge.store.queue
        words = [f"{len(queue.entries)} waiting"]
        if queue.quarantined:
            words.append(f"{len(queue.quarantined)} in quarantine")
        if queue.overflow_count:
            words.append(f"{queue.overflow_count} dropped")
        return ", ".join(words)

    def _upload(self) -> str:
        counts = self._counts
        state = "sending" if self._pump.uploading else self._pump.badge.upload_state
        if counts.last_answer_ms is None:
            return f"{state}; none yet"
        ago_s = (self._pump.now_ms - counts.last_answer_ms) // 1000
        answer = counts.last_answer if counts.last_answer is not None else "no answer"
        return f"{state}; last: {answer}, {ago_s} s ago"

    def _card(self) -> str:
        view = self._view
        words = ["online" if view.connected else "offline"]
        words.append("time known" if view.utc_known else "no time yet")
        if view.moving is not None:
            words.append("moving" if view.moving else "still")
        if view.volts is not None:
            words.append(f"{view.volts:.2f} V {'USB' if view.usb else f'{view.pct} %'}")
        return ", ".join(words)


class StatusPanel:
    """Prints notes as they come and the status as it is: `with StatusPanel(console): …`."""

    def __init__(self, console: Console, *, keys: bool = True) -> None:
        self._console = console
        self._live = Live(console=console, auto_refresh=False, transient=True)
        self._footer = _KEYS if keys else ""
        self._last_line = ""
        self._troubles: list[str] = []

    def __enter__(self) -> StatusPanel:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *how: object) -> None:
        self._live.stop()

    def say(self, text: str) -> None:
        """Print a note for good."""
        self._console.print(text, markup=False, soft_wrap=True)

    def show(self, status: Status) -> None:
        """Refresh the panel; without a terminal print what has changed."""
        if self._console.is_terminal:
            self._live.update(self._panel(status), refresh=True)
            return
        for text in status.troubles():
            if text not in self._troubles:
                self.say(text)
        self._troubles = status.troubles()
        if (line := status.line()) != self._last_line:
            self._last_line = line
            self.say(line)

    def _panel(self, status: Status) -> RenderableType:
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2))
        for what, how in status.rows():
            table.add_row(Text(what, style="dim"), Text(how, overflow="ellipsis", no_wrap=True))
        for text in status.troubles():
            table.add_row(Text("trouble", style="bold red"), Text(text))
        if self._footer:
            table.add_row("", Text(self._footer, style="dim"))
        return table
