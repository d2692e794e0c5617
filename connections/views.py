"""Pages: the numbers of a tenant, and what one of them has been through."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import require
from accounts.requests import MemberPageRequest
from connections import actions
from connections.access import get_managed_connection, list_connections
from connections.forms import ConnectionForm
from connections.serializers import connection_row
from tenants.errors import DomainError

TRANSITIONS_SHOWN = 100


@require_http_methods(["GET", "HEAD", "POST"])
def connections(request: MemberPageRequest, slug: str) -> HttpResponse:
    """All numbers with their live state; a form for a new one."""
    member = request.member
    require(member, "can_manage_connections")
    form = ConnectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            connection = actions.create_connection(**form.cleaned_data)
            actions.start_connection(connection)
            return redirect("connections", slug=slug)
        except DomainError as refused:
            form.add_error("name", str(refused))
    rows = [connection_row(connection) for connection in list_connections(member)]
    return render(
        request,
        "connections/list.html",
        {"form": form, "rows": rows, "boot": {**boot_of(request), "connections": rows}},
    )


@require_safe
def connection(request: MemberPageRequest, slug: str, connection_id: UUID) -> HttpResponse:
    """One number: its state and the log of its changes."""
    found = get_managed_connection(request.member, connection_id)
    newest = found.transitions.order_by("-id")[:TRANSITIONS_SHOWN]
    return render(request, "connections/detail.html", {"connection": found, "transitions": newest})


def boot_of(request: MemberPageRequest) -> dict[str, Any]:
    """What a live part of a page needs to know before it can ask anything."""
    member = request.member
    tenant = member.tenant
    return {
        "tenant": {"slug": tenant.slug, "name": tenant.name, "time_zone": tenant.time_zone},
        "member": {"id": str(member.id), "name": member.name, "role": member.role},
        "can_manage": member.has_right("can_manage_connections"),
        "locale": {"pt-br": "pt-BR"}.get(get_language() or "pt-br", get_language()),
        "api": "/api/v1/",
        "live": f"/t/{tenant.slug}/live/",
        "inbox": reverse("inbox", args=[tenant.slug]),
    }
