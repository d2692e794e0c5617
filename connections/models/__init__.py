"""Rows of connections."""

from connections.models.connection import Connection, ConnectionQuerySet, Transition
from connections.models.link import LinkInvitation, ProfileArchive, SealedCredentials, SealedSettings
from connections.models.traffic import Download, Inbound, Outbound, Post, TrafficHour
from connections.models.worker import SessionWorker

__all__ = [
    "Connection",
    "ConnectionQuerySet",
    "Download",
    "Inbound",
    "LinkInvitation",
    "Outbound",
    "Post",
    "ProfileArchive",
    "SealedCredentials",
    "SealedSettings",
    "SessionWorker",
    "TrafficHour",
    "Transition",
]
