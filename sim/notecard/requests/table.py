"""All requests that the card knows: the families' tables in one."""

from __future__ import annotations

from sim.notecard.card.card import Request
from sim.notecard.requests import attn as requests_attn
from sim.notecard.requests import binary as requests_binary
from sim.notecard.requests import card as requests_card
from sim.notecard.requests import dfu as requests_dfu
from sim.notecard.requests import env as requests_env
from sim.notecard.requests import file as requests_file
from sim.notecard.requests import hub as requests_hub
from sim.notecard.requests import note as requests_note
from sim.notecard.requests import sensors as requests_sense
from sim.notecard.requests import template as requests_template
from sim.notecard.requests import var as requests_var
from sim.notecard.requests import web as requests_web

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
