"""Connections' own props."""

from gateway import gateway
from hosting import host, pauses, whispers

__all__ = ["gateway", "host", "pauses", "whispers"]
