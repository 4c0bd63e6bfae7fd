"""Rows of both sides held against each other; pure, over sorted streams."""
