"""Locust's fastest user, posting one batch again and again over a kept connection."""

from __future__ import annotations

import os

from locust import FastHttpUser, constant, task

BODY = open(os.environ["BATCH"], "rb").read()  # noqa: SIM115 - read once, before the users begin
HEADERS = {"Content-Type": "application/json", "X-Actual-Api-Key": "ak_1"}


class Badge(FastHttpUser):
    """Posts as fast as it is answered."""

    wait_time = constant(0)

    @task
    def upload(self) -> None:
        """Post the batch."""
        self.client.post("/api/events", data=BODY, headers=HEADERS)
