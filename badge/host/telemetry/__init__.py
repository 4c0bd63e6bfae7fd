"""Traces and metrics of a command by OTLP: off unless asked for, and then loaded late."""
