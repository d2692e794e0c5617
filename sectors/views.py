"""Pages: who works here, and in which sectors."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import actions as people
from accounts.access import get_managed_invitation, get_managed_member, require
from accounts.forms import INVITABLE, RoleForm
from accounts.models import Invitation, Membership
from accounts.requests import MemberPageRequest
from sectors.access import get_managed_sector
from sectors.actions import change_sector, create_sector
from sectors.forms import InviteForm, SectorForm
from sectors.models import Sector
from tenants.errors import DomainError


@require_http_methods(["GET", "HEAD", "POST"])
def team(request: MemberPageRequest, slug: str) -> HttpResponse:
    """The people of a tenant and open invitations; a form to invite."""
    member = request.member
    require(member, "can_manage_members")
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            invitation = people.invite(
                email=form.cleaned_data["email"],
                role=form.cleaned_data["role"],
                sector_ids=[str(sector.id) for sector in form.cleaned_data["sectors"]],
                by=member,
            )
        except DomainError as refused:
            form.add_error("email", str(refused))
        else:
            text = _("Invitation sent to %(email)s.") % {"email": invitation.email}
            messages.success(request, text)
            return redirect("team", slug=slug)
    colleagues = Membership.objects.select_related("user").prefetch_related("sectors")
    return render(
        request,
        "sectors/team.html",
        {
            "form": form,
            "members": colleagues.order_by("-is_active", "user__name"),
            "invitations": Invitation.objects.filter(accepted_at=None).order_by("-created_at"),
            "roles": INVITABLE,
            "now": timezone.now(),
        },
    )


@require_POST
def member_role(request: MemberPageRequest, slug: str, member_id: UUID) -> HttpResponse:
    colleague = get_managed_member(request.member, member_id)
    form = RoleForm(request.POST)
    if form.is_valid():
        try:
            people.change_role(colleague, role=form.cleaned_data["role"], by=request.member)
            messages.success(request, _("Role changed."))
        except DomainError as refused:
            messages.error(request, str(refused))
    return redirect("team", slug=slug)


@require_POST
def member_access(request: MemberPageRequest, slug: str, member_id: UUID) -> HttpResponse:
    """Shut a member out, or let them in again."""
    colleague = get_managed_member(request.member, member_id)
    try:
        is_active = request.POST.get("is_active") == "1"
        people.set_active(colleague, is_active=is_active, by=request.member)
        messages.success(request, _("Access changed."))
    except DomainError as refused:
        messages.error(request, str(refused))
    return redirect("team", slug=slug)


@require_POST
def invitation_withdrawal(request: MemberPageRequest, slug: str, invitation_id: UUID) -> HttpResponse:
    invitation = get_managed_invitation(request.member, invitation_id)
    try:
        people.withdraw_invitation(invitation, by=request.member)
        messages.success(request, _("Invitation withdrawn."))
    except DomainError as refused:
        messages.error(request, str(refused))
    return redirect("team", slug=slug)


@require_http_methods(["GET", "HEAD", "POST"])
def sectors(request: MemberPageRequest, slug: str) -> HttpResponse:
    """All sectors with their people; a form for a new one."""
    require(request.member, "can_manage_sectors")
    form = SectorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            create_sector(**form.change(), by=request.member)
            messages.success(request, _("Sector created."))
            return redirect("sectors", slug=slug)
        except DomainError as refused:
            form.add_error("name", str(refused))
    rows = Sector.objects.prefetch_related("members__user")
    return render(request, "sectors/list.html", {"form": form, "sectors": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def sector(request: MemberPageRequest, slug: str, sector_id: UUID) -> HttpResponse:
    """One sector: name, colour, people."""
    found = get_managed_sector(request.member, sector_id)
    initial = {"name": found.name, "color": found.color, "members": found.members.all()}
    form = SectorForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            change_sector(found, **form.change(), by=request.member)
            messages.success(request, _("Sector saved."))
            return redirect("sectors", slug=slug)
        except DomainError as refused:
            form.add_error("name", str(refused))
    return render(request, "sectors/detail.html", {"form": form, "sector": found})
