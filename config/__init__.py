"""The wiring: settings, addresses, sockets, the clock and reactions. No app imports it."""

from config.celery import app as celery

__all__ = ["celery"]
