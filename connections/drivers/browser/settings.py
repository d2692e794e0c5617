"""What may be set for one connection of this kind, on top of what the installation says.

Everything here is written by people of a tenant: no path and no address among it, only names of what the
people who run the installation have put there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from django.conf import settings

from connections.drivers.base import DriverError

BINARIES = ("headless_shell", "chromium")
MODULE = re.compile(r"[A-Za-z0-9_$.]{1,80}")
FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
SHA256 = re.compile(r"[0-9a-f]{64}")
# The wrappers of wa-js without which events or sends would be lost in silence.
REQUIRED = (
    "Cmd",
    "ChatStore",
    "Conn",
    "MsgStore",
    "PresenceStore",
    "Socket",
    "Stream",
    "addAndSendMsgToChat",
    "createOrUpdateReactions",
    "handleChatSimpleReceipt",
    "handleGroupSimpleReceipt",
)


def _text(pattern: re.Pattern[str], length: str) -> Any:
    def check(value: Any) -> bool:
        return isinstance(value, str) and (not value or bool(pattern.fullmatch(value)))

    return check, length


def _names(value: Any) -> bool:
    is_list = isinstance(value, list | tuple) and len(value) <= 200
    return is_list and all(isinstance(name, str) and MODULE.fullmatch(name) for name in value)


def _number(least: float, most: float) -> Any:
    def check(value: Any) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most

    return check, f"a number from {least:g} to {most:g}"


CHECKS: dict[str, tuple[Any, str]] = {
    "binary": (lambda value: value in ("", *BINARIES), f"one of {', '.join(BINARIES)}"),
    "user_agent": _text(re.compile(r"[\x20-\x7e]{1,300}"), "at most 300 plain characters"),
    "gate": (_names, "a list of names of modules"),
    "required": (_names, "a list of names of modules"),
    "min_modules": _number(0, 100_000),
    "quiet_seconds": _number(0.2, 30),
    "bundle": _text(FILE_NAME, "the name of a file in BROWSER_FILES_ROOT"),
    "bundle_sha256": _text(SHA256, "64 hexadecimal digits"),
    "web_page": _text(FILE_NAME, "the name of a file in BROWSER_FILES_ROOT"),
    "qr_attempts": _number(1, 100),
}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """`binary`: which Chromium; empty: the installation's. `user_agent`: empty: made from the running
    version. `gate`: modules that have to be there before wa-js is injected; `min_modules`, `quiet_seconds`:
    how many there have to be at least, and for how long their number must not change. `required`: what wa-js
    must have found. `bundle`, `bundle_sha256`: another wa-js. `web_page`: pinned HTML of WhatsApp Web's first
    page. `qr_attempts`: how many QR codes are shown before it gives up."""

    binary: str = ""
    user_agent: str = ""
    gate: tuple[str, ...] = ()
    required: tuple[str, ...] = REQUIRED
    min_modules: int = 0
    quiet_seconds: float = 1.5
    bundle: str = ""
    bundle_sha256: str = ""
    web_page: str = ""
    qr_attempts: int = 12

    @classmethod
    def parse(cls, given: Mapping[str, Any]) -> Self:
        """Raises DriverError(`bad_settings`), which names the field and what it should be."""
        known = {field.name for field in fields(cls)}
        for name, value in given.items():
            if name not in known:
                raise _bad(f"{name}: there is no such setting")
            check, expected = CHECKS[name]
            if not check(value):
                raise _bad(f"{name}: {expected}")
        chosen = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
        parsed = cls(**{**_defaults(), **chosen})
        if bool(parsed.bundle) != bool(parsed.bundle_sha256):
            raise _bad("bundle and bundle_sha256 belong together")
        return parsed

    @property
    def bundle_path(self) -> Path:
        return _file(self.bundle) if self.bundle else Path(settings.WA_JS_PATH)

    @property
    def expected_sha256(self) -> str:
        return self.bundle_sha256 or str(settings.WA_JS_SHA256)

    @property
    def web_page_path(self) -> Path | None:
        return _file(self.web_page) if self.web_page else None


def web_host() -> str:
    """The host whose pages a link may open."""
    return urlsplit(settings.WA_WEB_URL).hostname or ""


def _defaults() -> dict[str, Any]:
    return {
        "gate": tuple(settings.WA_GATE),
        "min_modules": settings.WA_MIN_MODULES,
        "quiet_seconds": settings.WA_QUIET_SECONDS,
    }


def _file(name: str) -> Path:
    return Path(settings.BROWSER_FILES_ROOT) / name


def _bad(detail: str) -> DriverError:
    return DriverError("bad_settings", detail, permanent=True)
