"""Meta's signature over what it posts: HMAC-SHA256 of the raw body, keyed with the app's secret."""

from __future__ import annotations

import hashlib
import hmac

HEADER = "X-Hub-Signature-256"
PREFIX = "sha256="


def sign(app_secret: str, raw: bytes) -> str:
    """The header's value for a body."""
    return PREFIX + hmac.new(app_secret.encode(), raw, hashlib.sha256).hexdigest()


def is_right(app_secret: str, given: str, raw: bytes) -> bool:
    """Whether the header fits the body, compared in constant time."""
    return hmac.compare_digest(given.encode(), sign(app_secret, raw).encode())
