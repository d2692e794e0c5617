"""For which tenant and member a request is: the pages' address, or the API's token or header.

Called by the request door (`tenants.doors.TenantMiddleware`) for every request.
"""

from __future__ import annotations

import re
from uuid import UUID

import structlog
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _
from rest_framework_simplejwt.exceptions import InvalidToken, TokenError

from accounts.models import Membership, User
from accounts.tokens import read_access_token, stamp
from tenants import scope
from tenants.errors import error_body
from tenants.models import Tenant

# As wide as the addresses of `config.urls` take it: what got past here would run without a tenant.
PAGE = re.compile(r"^/t/(?P<slug>[-a-zA-Z0-9_]+)/")
API = "/api/v1/"
# Answered without a tenant: they open the door, or describe it.
OPEN_API = ("/api/v1/auth/", "/api/v1/schema/", "/api/v1/docs/")


def tenant_of_request(request: HttpRequest) -> Tenant | HttpResponseBase | None:
    """The tenant whose scope the view runs in; None for pages without one; or a refusal."""
    if request.path.startswith(API):
        return None if request.path.startswith(OPEN_API) else _tenant_of_api_call(request)
    if match := PAGE.match(request.path):
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        member = member_of(request.user, slug=match["slug"])
        if member is None:
            raise Http404
        return _let_in(request, member)
    return None


def member_of(user: User, *, slug: str) -> Membership | None:
    """The user's active membership in the active tenant called so, if any."""
    return _find(user=user, tenant__slug=slug)


def memberships_of(user: User) -> list[Membership]:
    """Every tenant the user may enter, by name."""
    with scope.across_tenants(reason="a person chooses among their own tenants"):
        members = Membership.objects.active().filter(user=user, tenant__is_active=True)
        return list(members.select_related("tenant", "user").order_by("tenant__name"))


def _find(**lookup: object) -> Membership | None:
    with scope.across_tenants(reason="sign-in finds the tenant"):
        members = Membership.objects.active().filter(tenant__is_active=True, **lookup)
        found: Membership | None = members.select_related("tenant", "user").first()
        return found


def _tenant_of_api_call(request: HttpRequest) -> Tenant | HttpResponseBase | None:
    header = request.headers.get("Authorization", "")
    if header:
        scheme, _space, token = header.partition(" ")
        try:
            if scheme.lower() != "bearer":
                raise InvalidToken
            claims = read_access_token(token)
            member = _find(id=UUID(claims["member"]), tenant_id=UUID(claims["tenant"]))
        except (TokenError, InvalidToken, KeyError, ValueError, TypeError):
            return _refuse(401, "invalid_token", _("The token is invalid or has expired."))
        if member is None or claims.get("stamp") != stamp(member):
            return _refuse(401, "invalid_token", _("The token is invalid or has expired."))
        return _let_in(request, member, by_token=True)
    if not request.user.is_authenticated:
        return _refuse(401, "not_signed_in", _("Sign in, or send an access token."))
    slug = request.headers.get("X-Tenant", "")
    if not slug:
        return _refuse(400, "tenant_missing", _("Name the tenant in the X-Tenant header."))
    member = member_of(request.user, slug=slug)
    if member is None:
        return _refuse(404, "not_found", _("Not found."))
    return _let_in(request, member)


def _let_in(request: HttpRequest, member: Membership, *, by_token: bool = False) -> Tenant:
    request.member = member  # type: ignore[attr-defined] # as accounts.requests types it
    request.is_token_call = by_token  # type: ignore[attr-defined]
    structlog.contextvars.bind_contextvars(member=str(member.id))
    return member.tenant


def _refuse(status: int, code: str, message: str) -> HttpResponseBase:
    headers = {"WWW-Authenticate": 'Bearer realm="api"'} if status == 401 else {}
    return JsonResponse(error_body(code, message), status=status, headers=headers)
