"""The session pool lives and dies with the Celery worker that consumes the queue `sessions`."""

from __future__ import annotations

import secrets
from typing import Any

from celery import bootsteps

from connections.sessions import pool


class SessionHost(bootsteps.StartStopStep):
    """Starts after the worker's own parts, stops before them. Prefork cannot host it: `--pool threads`."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, worker: Any, **kwargs: Any) -> None:
        super().__init__(worker, **kwargs)
        queues = worker.app.amqp.queues.consume_from
        self.enabled = "sessions" in queues

    def include_if(self, worker: Any) -> bool:
        return bool(self.enabled)

    def start(self, worker: Any) -> None:
        # Unique per life of the process: a successor of the same name is not the same holder.
        pool.host(pool.SessionPool(f"{worker.hostname}/{secrets.token_hex(4)}"))
        hosted = pool.hosted()
        assert hosted is not None
        hosted.start()

    def stop(self, worker: Any) -> None:
        if (hosted := pool.hosted()) is not None:
            pool.host(None)
            hosted.stop()

    def terminate(self, worker: Any) -> None:
        self.stop(worker)
