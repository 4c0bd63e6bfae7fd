"""All requests that the card knows: the families' tables in one."""

from __future__ import annotations

from sim.notecard import (
    requests_attn,
    requests_binary,
    requests_card,
    requests_dfu,
    requests_env,
    requests_file,
    requests_hub,
    requests_note,
    requests_sense,
    requests_template,
    requests_var,
    requests_web,
)
from sim.notecard.board import Request

REQUESTS: dict[str, Request] = {
    **requests_card.REQUESTS,
    **requests_sense.REQUESTS,
    **requests_attn.REQUESTS,
    **requests_binary.REQUESTS,
    **requests_hub.REQUESTS,
    **requests_note.REQUESTS,
    **requests_template.REQUESTS,
    **requests_file.REQUESTS,
    **requests_env.REQUESTS,
    **requests_var.REQUESTS,
    **requests_web.REQUESTS,
    **requests_dfu.REQUESTS,
}
