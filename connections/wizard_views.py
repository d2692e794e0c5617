"""Pages on which a number is linked: which way, what about it, the code, a link for somebody far away."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import require
from accounts.models import Membership
from accounts.requests import MemberPageRequest
from connections import actions, invitations, upkeep
from connections.access import get_managed_connection, get_managed_link
from connections.drivers import registry
from connections.drivers.base import Can
from connections.forms import NewConnectionForm
from connections.models import Connection
from connections.operations_shapes import link_row
from connections.serializers import connection_row
from connections.views import boot_of
from connections.ways import Way, way_called, ways
from sectors.models import Sector
from tenants.errors import DomainError


@require_http_methods(["GET", "HEAD", "POST"])
def new_connection(request: MemberPageRequest, slug: str) -> HttpResponse:
    """First which way (`?way=`), then what is to be known; what was filled in is made, and starts."""
    require(request.member, "can_manage_connections")
    way = way_called(request.GET.get("way", ""))
    if way is None:
        return render(
            request, "connections/ways.html", {"ways": ways(), "has_sectors": Sector.objects.exists()}
        )
    form = NewConnectionForm(request.POST or None, way=way)
    if request.method == "POST" and form.is_valid():
        try:
            made = _make(form, way, by=request.member)
            return redirect("connection_linking", slug=slug, connection_id=made.id)
        except DomainError as refused:
            form.add_error("name", str(refused))
    context = {"form": form, "way": way, "notice": registry.notice_of(way.driver)}
    return render(request, "connections/new.html", context)


@transaction.atomic
def _make(form: NewConnectionForm, way: Way, *, by: Membership) -> Connection:
    given = form.cleaned_data
    made = actions.create_connection(name=given["name"], driver=way.driver, sector=given["sector"])
    upkeep.set_up(made, form.change())
    if way.needs_consent:
        upkeep.consent(made, by=by)
    return actions.start_connection(made)


@require_http_methods(["GET", "HEAD", "POST"])
def linking(request: MemberPageRequest, slug: str, connection_id: UUID) -> HttpResponse:
    """The code, live; POST makes a link for whoever holds the phone, and shows its address this once."""
    connection = get_managed_connection(request.member, connection_id)
    made = None
    if request.method == "POST":
        try:
            made = link_row(*invitations.offer_link(connection, by=request.member))
        except DomainError as refused:
            messages.error(request, str(refused))
            return redirect("connection_linking", slug=slug, connection_id=connection_id)
    boot = {**boot_of(request), "connections": [connection_row(connection)], "only": str(connection.id)}
    context = {
        "connection": connection,
        "boot": boot,
        "made": made,
        "links": invitations.open_links(connection),
        "by_phone": bool(upkeep.driver_of(connection.driver).can & {Can.QR, Can.PAIRING_CODE}),
    }
    response = render(request, "connections/linking.html", context)
    if made:
        response["Cache-Control"] = "no-store"
    return response


@require_POST
def link_end(request: MemberPageRequest, slug: str, connection_id: UUID, link_id: UUID) -> HttpResponse:
    link = get_managed_link(request.member, connection_id, link_id)
    invitations.revoke_link(link, by=request.member)
    messages.success(request, _("The link opens nothing any more."))
    return redirect(reverse("connection_linking", args=[slug, connection_id]))
