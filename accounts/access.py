"""Doors to people: the only way an id from outside becomes a row."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.models import Invitation, Membership, User, digest
from tenants import scope


def require(member: Membership, right: str) -> None:
    """Refuse (403) a member whose role lacks the right."""
    if not member.has_right(right):
        raise PermissionDenied


def get_member(member: Membership, member_id: UUID | str) -> Membership:
    """An active colleague."""
    colleagues = Membership.objects.active().select_related("user")
    colleague: Membership = get_object_or_404(colleagues, id=member_id)
    return colleague


def get_managed_member(member: Membership, member_id: UUID | str) -> Membership:
    """A colleague, active or not, for those who manage people."""
    require(member, "can_manage_members")
    everybody = Membership.objects.select_related("user")
    colleague: Membership = get_object_or_404(everybody, id=member_id)
    return colleague


def get_managed_invitation(member: Membership, invitation_id: UUID | str) -> Invitation:
    require(member, "can_manage_members")
    return get_object_or_404(Invitation, id=invitation_id, accepted_at=None)


def get_invitation_by_token(token: str) -> Invitation:
    """The open invitation this token belongs to, with its tenant."""
    with scope.across_tenants(reason="an invitation is opened by somebody who is not a member yet"):
        invitation = (
            Invitation.objects.select_related("tenant", "invited_by__user")
            .filter(token_digest=digest(token), accepted_at=None, expires_at__gt=timezone.now())
            .first()
        )
    if invitation is None:
        raise Http404
    return invitation


def every_place_of(user: User) -> list[Membership]:
    """Memberships of a person in all tenants, with these, where they were not shut out. For operators."""
    with scope.across_tenants(reason="operators switch a person on and off everywhere"):
        places = Membership.objects.filter(user=user, is_active=True)
        return list(places.select_related("tenant").order_by("id"))
