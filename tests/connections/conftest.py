"""Connections' own props."""

from gateway import gateway

__all__ = ["gateway"]
