"""What every page knows of where it is: the tenant, the member, their rights."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def workplace(request: HttpRequest) -> dict[str, Any]:
    member = getattr(request, "member", None)
    return {
        "member": member,
        "tenant": member.tenant if member else None,
        "rights": member.rights if member else {},
        "registration_open": settings.REGISTRATION_OPEN,
    }
