"""JWTs for programs: each belongs to one membership, so to exactly one tenant.

A token dies with its membership, and with the user's password (`stamp`).
"""

from __future__ import annotations

from typing import Any, cast

from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts.models import Membership
from tenants import scope


def issue_tokens(member: Membership) -> dict[str, str]:
    """A pair for this member: {"access", "refresh"}."""
    refresh = RefreshToken.for_user(member.user)
    refresh["tenant"] = str(member.tenant_id)
    refresh["member"] = str(member.id)
    refresh["stamp"] = stamp(member)
    return {"access": str(refresh.access_token), "refresh": str(refresh)}


def read_access_token(token: str) -> dict[str, Any]:
    """Claims of a valid access token; raises TokenError."""
    claims: dict[str, Any] = AccessToken(cast("Any", token)).payload
    return claims


def stamp(member: Membership) -> str:
    return member.user.get_session_auth_hash()[:16]


def renew_tokens(refresh: str) -> dict[str, str]:
    """A fresh pair; the given refresh token is spent. Raises TokenError for anything doubtful."""
    old = RefreshToken(cast("Any", refresh))
    with scope.across_tenants(reason="a token names its tenant and member itself"):
        member = (
            Membership.objects.active()
            .select_related("user")
            .filter(id=old.get("member"), tenant_id=old.get("tenant"), tenant__is_active=True)
            .first()
        )
        if member is None or old.get("stamp") != stamp(member):
            raise TokenError("The member is gone or has a new password.")
        _spent, is_new = cast("tuple[Any, bool]", old.blacklist())
        if not is_new:
            raise TokenError("The token was used before.")
        return issue_tokens(member)
