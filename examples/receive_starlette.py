"""Receive Peridio's webhook in Starlette.

Run:   PERIDIO_SECRET=B284A51B143841695B2D7BF3B8554731 uvicorn receive_starlette:app --port 8787
Try:   badge send peridio device.claimed-release --to http://127.0.0.1:8787/hooks/peridio \
           --secret B284A51B143841695B2D7BF3B8554731
"""

from __future__ import annotations

import os

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from badge.errors import InputError
from sim.platforms import Received, Seen, peridio

seen = Seen()


def process(events: list[Received]) -> None:
    """Whatever your backend does with new events; the answer has gone out already."""
    for event in events:
        print(event.type, event.event["inserted_at"])


async def receive(request: Request) -> Response:
    """Verify the raw bytes, drop what came before, answer 200, then work."""
    try:
        body = await request.body()  # in production, limit its size in front of this
    except ClientDisconnect:  # nobody is there to be answered; it comes again
        return PlainTextResponse("cut off", 400)
    if not peridio.verify(request.headers, body, [os.environ["PERIDIO_SECRET"]]):
        return PlainTextResponse("not authentic", 401)
    try:
        new = peridio.deduplicate(peridio.parse(body), seen)
    except InputError as error:
        return PlainTextResponse(str(error), 400)
    return PlainTextResponse("ok", background=BackgroundTask(process, new))


app = Starlette(routes=[Route("/hooks/peridio", receive, methods=["POST"])])
