"""Sign-ins for load clients: what a browser would hold after the sign-in page, made in the database."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

if TYPE_CHECKING:
    from accounts.models import Membership
    from tenants.models import Tenant

# Any 32 letters: the cookie and the header must be the same, as a page of ours would send them.
CSRF = secrets.token_hex(16)


@dataclass(frozen=True)
class SignIn:
    """One member's session."""

    member_id: str
    cookie: str
    slug: str

    def headers(self, *, writes: bool = False) -> dict[str, str]:
        """Of a call of the console to the REST API."""
        plain = {"Cookie": self.cookie, "X-Tenant": self.slug, "Accept": "application/json"}
        return {**plain, "X-CSRFToken": CSRF} if writes else plain


def sign_in(tenant: Tenant, members: Iterable[Membership]) -> list[SignIn]:
    store = import_module(settings.SESSION_ENGINE).SessionStore
    found = []
    for member in members:
        session = store()
        session[SESSION_KEY] = str(member.user_id)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = member.user.get_session_auth_hash()
        session.create()
        cookie = f"{settings.SESSION_COOKIE_NAME}={session.session_key}; {settings.CSRF_COOKIE_NAME}={CSRF}"
        found.append(SignIn(str(member.id), cookie, tenant.slug))
    return found
