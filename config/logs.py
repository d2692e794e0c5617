"""Structured logs: JSON lines in production, readable lines at home, always with request and tenant."""

from __future__ import annotations

import logging.config
import re
from typing import Any

import structlog

NEVER = ("password", "secret", "token", "authorization", "cookie", "qr", "text", "body")
# Addresses that open a door by themselves: what follows is a credential.
KEYS_IN_PATHS = re.compile(
    r"(/invitations/|/confirm-email/|/reset/key/|/gateways/evolution/[^/?\s]+/)[^/?\s]+"
)


def without_secrets(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
    """Last line of defence: a value under such a name is masked, whoever logged it."""
    for key in event:
        if key != "event" and any(word in key.lower() for word in NEVER):
            event[key] = "[hidden]"
        elif isinstance(event[key], str) and "/" in event[key]:
            event[key] = KEYS_IN_PATHS.sub(r"\1[hidden]", event[key])
    return event


def configure(*, level: str, as_json: bool) -> None:
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        without_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    if as_json:
        final = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    else:
        final = [
            structlog.dev.ConsoleRenderer(
                # Plain: the rich form prints local variables, which may be somebody's secrets.
                colors=False,
                exception_formatter=structlog.dev.plain_traceback,
            )
        ]
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *final],
        "foreign_pre_chain": shared,
    }
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"lines": formatter},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {
                "django.server": {"level": "WARNING"},
                "daphne": {"level": "WARNING"},
                "uvicorn.access": {"level": "WARNING"},
                "websockets": {"level": "WARNING"},
                "httpx": {"level": "WARNING"},
                "PIL": {"level": "WARNING"},
            },
        }
    )
