"""All checks of a receiver of webhooks, a file a subject; importing one enters its checks."""
