"""Credentials of sessions, encrypted at rest: AES-256-GCM, bound to tenant and connection.

Stored form: `v1.<key id>.<nonce>.<ciphertext and tag>`, the last two in URL-safe base64. The first of
`FIELD_KEYS` (`k2:<base64>,k1:<base64>`) encrypts, all of them decrypt.
"""

from __future__ import annotations

import json
import os
from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from connections.models import Connection, SealedCredentials, SealedSettings

NONCE_BYTES = 12


class Unreadable(ValueError):
    """The sealed text was changed, belongs to another row, or its key is gone."""


def keep(connection: Connection, credentials: bytes) -> None:
    """Seal and store; replaces what was kept before."""
    sealed = seal(credentials, bound_to=_binding(connection))
    SealedCredentials.objects.update_or_create(connection=connection, defaults={"sealed": sealed})


def open_for(connection: Connection) -> bytes | None:
    """What was kept for this connection; None when nothing was."""
    row = SealedCredentials.objects.filter(connection=connection).first()
    return unseal(row.sealed, bound_to=_binding(connection)) if row else None


def keep_settings(connection: Connection, secrets: dict[str, str]) -> None:
    """Seal and store the keys and tokens of the connection's gateway; replaces what was kept before."""
    sealed = seal(json.dumps(secrets).encode(), bound_to=_binding(connection, "settings"))
    SealedSettings.objects.update_or_create(connection=connection, defaults={"sealed": sealed})


def settings_of(connection: Connection) -> dict[str, str]:
    """The keys and tokens that were kept; none where none were."""
    row = SealedSettings.objects.filter(connection=connection).first()
    if row is None:
        return {}
    secrets: dict[str, str] = json.loads(unseal(row.sealed, bound_to=_binding(connection, "settings")))
    return secrets


def holds(connection: Connection) -> bool:
    return SealedCredentials.objects.filter(connection=connection).exists()


def forget(connection: Connection) -> None:
    SealedCredentials.objects.filter(connection=connection).delete()


def seal(secret: bytes, *, bound_to: str) -> str:
    key_id, key = next(iter(_keys(settings.FIELD_KEYS).items()))
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, secret, bound_to.encode())
    return ".".join(["v1", key_id, _text(nonce), _text(sealed)])


def unseal(sealed: str, *, bound_to: str) -> bytes:
    try:
        version, key_id, nonce, ciphertext = sealed.split(".")
        if version != "v1":
            raise Unreadable(version)
        key = _keys(settings.FIELD_KEYS)[key_id]
        return AESGCM(key).decrypt(urlsafe_b64decode(nonce), urlsafe_b64decode(ciphertext), bound_to.encode())
    except (ValueError, KeyError, InvalidTag) as broken:
        raise Unreadable("sealed credentials cannot be read") from broken


def _binding(connection: Connection, what: str = "credentials") -> str:
    return f"connections.sealed{what}|{connection.tenant_id}|{connection.id}"


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode()


@cache
def _keys(setting: str) -> dict[str, bytes]:
    pairs = (pair.split(":", 1) for pair in setting.split(","))
    return {key_id.strip(): b64decode(key) for key_id, key in pairs}
