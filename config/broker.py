"""Celery's road to Redis: kombu's, mended where a Redis that goes away would end the worker."""

from __future__ import annotations

from typing import Any

from kombu.transport import redis
from redis.exceptions import ConnectionError as RedisIsGone


class Channel(redis.Channel):
    def _connparams(self, asynchronous: bool = False) -> Any:
        """Where to connect to; raises what everybody up there expects when the connection was lost.

        After an outage Celery 5.7 still acknowledges and gives back messages over the old channel, which
        has forgotten its address already. The AttributeError of kombu 5.7 ends the worker, and with it
        every session it hosts; a connection error is logged, and the worker connects again.
        """
        if self.connection is None or self.connection.client is None:
            raise RedisIsGone("this channel's connection was closed")
        return super()._connparams(asynchronous=asynchronous)  # type: ignore[misc]  # not in its stubs


class Transport(redis.Transport):
    Channel = Channel
