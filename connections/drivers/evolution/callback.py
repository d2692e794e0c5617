"""Where an Evolution instance posts to, and the two secrets by which it is believed: one in the address,
one in a header.

Both are derived from the installation's key, the connection and its API key, so that the process that
answers and the one that hosts the session agree without telling each other; a new API key changes both.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import salted_hmac

from connections.models import Connection

HEADER = "X-Balcao-Secret"
# Evolution puts the instance's token in clear into what it posts: it is taken out before anything is kept.
TOKEN_FIELD = "apikey"


def address(tenant_id: UUID, connection_id: UUID, secrets: Mapping[str, str]) -> str:
    """The whole address that the instance is told to post to."""
    secret = derive("path", tenant_id, connection_id, secrets, settings.SECRET_KEY)
    return f"{settings.GATEWAY_CALLBACK_URL}{reverse('gateway_evolution', args=[connection_id, secret])}"


def headers(tenant_id: UUID, connection_id: UUID, secrets: Mapping[str, str]) -> dict[str, str]:
    """The headers that the instance is told to post with."""
    return {HEADER: derive("header", tenant_id, connection_id, secrets, settings.SECRET_KEY)}


def is_known(
    connection: Connection, secrets: Mapping[str, str], path_secret: str, header_secret: str
) -> bool:
    """Whether both secrets are this connection's; also those of a key that is being phased out."""
    if not secrets.get("api_key"):
        return False
    return any(
        _same(path_secret, derive("path", connection.tenant_id, connection.id, secrets, key))
        & _same(header_secret, derive("header", connection.tenant_id, connection.id, secrets, key))
        for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    )


def derive(
    what: str, tenant_id: UUID, connection_id: UUID, secrets: Mapping[str, str], installation_key: str
) -> str:
    bound_to = f"{tenant_id}|{connection_id}|{secrets['api_key']}"
    salt = f"connections.evolution.{what}"
    return salted_hmac(salt, bound_to, secret=installation_key, algorithm="sha256").hexdigest()


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())
