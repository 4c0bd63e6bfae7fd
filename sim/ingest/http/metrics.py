"""What Prometheus reads at `/metrics`: the counters of a running server, in its text format 0.0.4.

Labels are HTTP statuses that this server answers with: no device, key or path is in them, so that
nobody who asks can make the number of series grow.
"""

from __future__ import annotations

from sim.ingest.http.traffic import Traffic

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_HELP = {
    "accepted": "Events accepted, duplicates among them.",
    "duplicates": "Events that were there before.",
    "rejected": "Events refused.",
    "conflicts": "Events that differ from those there with their number.",
}


def exposition(traffic: Traffic, waiting_requests: int) -> str:
    """Return the counters since the start; `waiting_requests` is a gauge."""
    lines = _family("requests_total", "counter", "Requests answered, by status.")
    for status, count in sorted(traffic.statuses.items()):
        lines.append(f'badge_ingest_requests_total{{status="{status}"}} {count}')
    for name, said in _HELP.items():
        lines += _family(f"events_{name}_total", "counter", said)
        lines.append(f"badge_ingest_events_{name}_total {getattr(traffic, name)}")
    lines += _family("waiting_requests", "gauge", "Requests being read or written.")
    lines.append(f"badge_ingest_waiting_requests {waiting_requests}")
    return "\n".join(lines) + "\n"


def _family(name: str, kind: str, said: str) -> list[str]:
    return [f"# HELP badge_ingest_{name} {said}", f"# TYPE badge_ingest_{name} {kind}"]
