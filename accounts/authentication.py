"""DRF's view of who calls: the request door has already found the member."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import Membership, User


class DoorAuthentication(BaseAuthentication):
    """Takes the member the door let in; a session caller must also pass the CSRF check."""

    def authenticate(self, request: Request) -> tuple[User, Membership] | None:
        plain = request._request
        member: Membership | None = getattr(plain, "member", None)
        if member is None:
            return None
        if not getattr(plain, "is_token_call", False):
            self._enforce_csrf(plain)
        return member.user, member

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'

    def _enforce_csrf(self, request: Any) -> None:
        def never_called(_: Any) -> Any:
            return None

        check = CSRFCheck(never_called)
        check.process_request(request)
        if reason := check.process_view(request, never_called, (), {}):
            raise PermissionDenied(f"CSRF: {reason}", code="csrf")


class DoorInSchema(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call] # the library's own
    """The two ways in, as the schema tells them: a program's token, or a page's session."""

    target_class = "accounts.authentication.DoorAuthentication"
    name = ["accessToken", "session"]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        return [
            {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME},
        ]


class IsMember(BasePermission):
    """Somebody the door let in."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.auth, Membership)
