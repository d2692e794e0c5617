"""Frames between processes. Synchronous code publishes through one loop that lives in a thread.

`async_to_sync(group_send)` would open a new Redis connection on every call; the layer keeps its
connections per loop, so one long-lived loop keeps one connection. A frame is encoded once here;
the hub of every sockets process writes the same bytes to each console (`events.hub`).
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any

import structlog
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

from events.audience import Frame, Id, frame
from tenants.rendering import dumps, timestamp

log = structlog.get_logger(__name__)
TIMEOUT_SECONDS = 2.0


_making = threading.Lock()


def layer() -> Any:
    """The channel layer of this process. Channels makes it at the first use and does not lock: a request and
    a socket that were both the first would get one each, and the hub listen on one that hears nothing."""
    with _making:
        return get_channel_layer()


def layer_group(tenant_id: Id) -> str:
    """The channel-layer group of a tenant: its only members are the hubs of sockets processes."""
    return f"tenant.{tenant_id}"


def encode(frames: list[Frame]) -> dict[str, Any]:
    """The message that crosses the channel layer."""
    at = timestamp(datetime.now(UTC))
    return {
        "type": "frames",
        "frames": [
            {
                "groups": sorted(f.groups),
                "kind": f.kind,
                "text": dumps({"kind": f.kind, "at": at, "data": f.data}).decode(),
                "leave": sorted(f.leave),
                "among": sorted(f.among),
                "subject": f.subject,
                "version": f.version,
            }
            for f in frames
        ],
    }


def push(tenant_id: Id, frames: list[Frame]) -> None:
    """Send frames to every sockets process. Raises when Redis is away."""
    if frames:
        _run(layer().group_send(layer_group(tenant_id), encode(frames)))


def whisper(tenant_id: Id, group: str, kind: str, data: dict[str, Any]) -> None:
    """Tell consoles something that is worth nothing a moment later: no row, no retry, and no error when
    Redis is away."""
    with _only_whispered(kind):
        push(tenant_id, [frame({group}, kind, data)])


async def whisper_async(tenant_id: Id, group: str, kind: str, data: dict[str, Any]) -> None:
    """`whisper` for code that already runs in a loop."""
    message = encode([frame({group}, kind, data)])
    with _only_whispered(kind):
        async with asyncio.timeout(TIMEOUT_SECONDS):
            await layer().group_send(layer_group(tenant_id), message)


@contextmanager
def _only_whispered(kind: str) -> Iterator[None]:
    """Whoever whispers (a WhatsApp session, a socket) has more to do than this."""
    try:
        yield
    except (OSError, TimeoutError, RedisError) as away:
        log.warning("not whispered", kind=kind, error=repr(away))


def _run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run_coroutine_threadsafe(work, _loop()).result(TIMEOUT_SECONDS)


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="frames", daemon=True).start()
    return loop
