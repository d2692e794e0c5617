"""What every page knows of where it is: the tenant, the member, their rights."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.entrance import memberships_of


def workplace(request: HttpRequest) -> dict[str, Any]:
    member = getattr(request, "member", None)
    return {
        "member": member,
        "tenant": member.tenant if member else None,
        "rights": member.rights if member else {},
        # Asked for by the rail only, so that other pages, errors above all, need no query.
        "places": SimpleLazyObject(lambda: memberships_of(member.user)) if member else [],
        "registration_open": settings.REGISTRATION_OPEN,
    }
