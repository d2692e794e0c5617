"""Pages: the numbers of a tenant; how one of them is, what it has been through, and its settings."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import require
from accounts.requests import MemberPageRequest
from connections import actions, upkeep
from connections.access import get_managed_connection, list_connections
from connections.drivers.base import Can
from connections.drivers.registry import offered
from connections.figures import all_figures, uptime_by_day
from connections.forms import RemovalForm, SettingsForm, SwitchForm
from connections.models import Connection
from connections.serializers import connection_row
from connections.uptime_chart import bars
from tenants.errors import DomainError

TRANSITIONS_SHOWN = 100
DAYS_SHOWN = 30


@require_safe
def connections(request: MemberPageRequest, slug: str) -> HttpResponse:
    """All numbers with their live state and figures."""
    member = request.member
    require(member, "can_manage_connections")
    found = list(list_connections(member))
    rows = [connection_row(connection) for connection in found]
    drivers = {connection.driver for connection in found}
    boot = {
        **boot_of(request),
        "connections": rows,
        "figures": all_figures(found),
        "photographed": [name for name in drivers if Can.SCREENSHOT in upkeep.driver_of(name).can],
        "only": None,
    }
    return render(request, "connections/list.html", {"rows": rows, "boot": boot})


@require_http_methods(["GET", "HEAD", "POST"])
def connection(request: MemberPageRequest, slug: str, connection_id: UUID) -> HttpResponse:
    """One number: its state, its last month, the log of its changes, its settings (POST changes them)."""
    found = get_managed_connection(request.member, connection_id)
    form = SettingsForm(request.POST or None, connection=found)
    if request.method == "POST" and form.is_valid():
        try:
            upkeep.set_up(found, form.change())
            messages.success(request, _("Settings saved."))
            return redirect("connection", slug=slug, connection_id=connection_id)
        except DomainError as refused:
            form.add_error("name", str(refused))
    newest = found.transitions.order_by("-id")[:TRANSITIONS_SHOWN]
    (figures,) = all_figures([found])["results"]
    context = {
        "connection": found,
        "transitions": newest,
        "form": form,
        "figures": figures,
        "bars": bars(uptime_by_day(found, days=DAYS_SHOWN)),
        "others": [each for each in offered() if each[0] != found.driver],
    }
    return render(request, "connections/detail.html", context)


@require_POST
def connection_run(request: MemberPageRequest, slug: str, connection_id: UUID) -> HttpResponse:
    """Start, stop or log out from a page without scripts: `do` says which."""
    found = get_managed_connection(request.member, connection_id)
    verbs = {
        "start": actions.start_connection,
        "stop": actions.stop_connection,
        "log_out": actions.log_out_connection,
    }
    if verb := verbs.get(request.POST.get("do", "")):
        verb(found)
    return redirect("connection", slug=slug, connection_id=connection_id)


@require_POST
def connection_removal(request: MemberPageRequest, slug: str, connection_id: UUID) -> HttpResponse:
    found = get_managed_connection(request.member, connection_id)
    form = RemovalForm(request.POST)
    try:
        upkeep.remove_connection(found, name=form["name"].value() or "", by=request.member)
    except DomainError as refused:
        messages.error(request, str(refused))
        return redirect("connection", slug=slug, connection_id=connection_id)
    messages.success(request, _("%(name)s was removed.") % {"name": found.name})
    return redirect("connections", slug=slug)


@require_http_methods(["GET", "HEAD", "POST"])
def connection_driver(request: MemberPageRequest, slug: str, connection_id: UUID) -> HttpResponse:
    """Make it one of another kind (`?driver=`): what that asks for, and then a new link."""
    found = get_managed_connection(request.member, connection_id)
    driver = request.GET.get("driver", "")
    if driver not in dict(offered()) or driver == found.driver:
        return redirect("connection", slug=slug, connection_id=connection_id)
    form = SwitchForm(request.POST or None, driver=driver)
    if request.method == "POST" and form.is_valid():
        try:
            _switch(found, form, request)
            return redirect("connection_linking", slug=slug, connection_id=connection_id)
        except DomainError as refused:
            form.add_error(None, str(refused))
    context = {"connection": found, "form": form, "driver": driver, "kind": dict(offered())[driver]}
    return render(request, "connections/driver.html", context)


def _switch(found: Connection, form: SwitchForm, request: MemberPageRequest) -> None:
    plain, secrets = form.drivers_own()
    member = request.member
    upkeep.switch_driver(found, driver=form.driver, driver_settings=plain, secrets=secrets, by=member)
    if "has_consent" in form.fields:
        upkeep.consent(found, by=member)


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
