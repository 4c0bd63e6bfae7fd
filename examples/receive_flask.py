"""Receive Blecon's webhook in Flask, and answer a device that asks for something.

Run:   BLECON_HEADER='Blecon-Secret: change-me' flask --app receive_flask run --port 8787
Try:   badge send blecon device.request.badge.config --to http://127.0.0.1:8787/hooks/blecon \
           --secret 'Blecon-Secret: change-me'
"""

from __future__ import annotations

import os

from flask import Flask, Response, request

from badge.errors import InputError
from sim.platforms import Seen, blecon

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 1 << 20
seen = Seen()
GPS_INTERVAL_S = 15


@app.post("/hooks/blecon")
def receive() -> Response:
    """Verify, drop what came before, take the rest, and give a request its two bytes."""
    body = request.get_data()
    if not blecon.verify(request.headers, body, [os.environ["BLECON_HEADER"]]):
        return Response("not authentic", 401)
    try:
        events = blecon.parse(body)
    except InputError as error:
        return Response(str(error), 400)
    for event in blecon.deduplicate(events, seen):
        print(event.type, event.event["data"])  # better: put it on a queue
    answer = blecon.respond([event.type for event in events], GPS_INTERVAL_S.to_bytes(2))
    return Response(answer.body, answer.status, content_type="application/json")
