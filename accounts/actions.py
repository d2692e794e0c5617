"""What people do to people: found a tenant, invite, join, change a role, leave.

`by` is the member who does it; None is the installation itself, so its operators.
"""

from __future__ import annotations

import secrets

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from accounts.access import every_place_of
from accounts.choices import Role
from accounts.models import INVITATION_LASTS, Invitation, Membership, User, digest
from accounts.serializers import member_row, person
from events import catalog
from events.recording import record
from tenants import scope
from tenants.errors import DomainError
from tenants.models import Tenant


class AlreadyMember(DomainError):
    code = "already_member"
    message = _("This person already belongs to the team.")


class AlreadyInvited(DomainError):
    code = "already_invited"
    message = _("This address already has an open invitation.")


class InvitationForOther(DomainError):
    code = "invitation_for_other"
    status = 403
    message = _("This invitation was sent to another e-mail address.")


class InvitationSpent(DomainError):
    code = "invitation_spent"
    status = 410
    message = _("This invitation has been used or has expired.")


class OwnerStays(DomainError):
    code = "owner_stays"
    message = _("The owner's role cannot be changed here.")


RESERVED = {"new", "admin", "api", "static", "balcao"}


def found_tenant(user: User, *, company: str) -> Membership:
    """A company signs up; the user becomes its owner."""
    with transaction.atomic():
        tenant = _create_tenant(company)
        with scope.working_for(tenant):
            owner: Membership = Membership.objects.create(user=user, role=Role.OWNER)
            record(catalog.TenantFounded(owner_id=str(owner.id)))
    return owner


def _create_tenant(company: str) -> Tenant:
    """With a short name made from the company's; a taken one gets a random ending."""
    base = slugify(company)[:32].strip("-") or "empresa"
    slug = f"{base}-{secrets.token_hex(2)}" if base in RESERVED else base
    try:
        with transaction.atomic():
            return Tenant.objects.create(name=company, slug=slug)
    except IntegrityError:
        return Tenant.objects.create(name=company, slug=f"{base}-{secrets.token_hex(3)}")


@transaction.atomic
def invite(*, email: str, role: str, sector_ids: list[str], by: Membership) -> Invitation:
    """Ask somebody to join. The e-mail with the link goes out as a reaction."""
    email = email.strip().lower()
    if Membership.objects.active().filter(user__email__lower=email).exists():
        raise AlreadyMember
    Invitation.objects.filter(email__lower=email, accepted_at=None, expires_at__lte=timezone.now()).delete()
    if role == Role.OWNER:
        raise OwnerStays
    try:
        with transaction.atomic():
            invitation = Invitation.objects.create(
                email=email,
                role=role,
                sector_ids=sector_ids,
                invited_by=by,
                expires_at=timezone.now() + INVITATION_LASTS,
            )
    except IntegrityError as taken:
        raise AlreadyInvited from taken
    record(catalog.MemberInvited(invitation_id=str(invitation.id), by=person(by)))
    return invitation


@transaction.atomic
def withdraw_invitation(invitation: Invitation, *, by: Membership | None = None) -> None:
    """Its link opens nothing any more; the address may be invited again."""
    locked = Invitation.objects.select_for_update().filter(id=invitation.id, accepted_at=None).first()
    if locked is None:
        raise InvitationSpent
    locked.delete()
    record(
        catalog.InvitationWithdrawn(
            invitation_id=str(invitation.id), email=locked.email, role=locked.role, by=person(by)
        )
    )


def accept_invitation(invitation: Invitation, *, user: User, token: str) -> Membership:
    """The invited person joins. Good once; a former member comes back with the invited role."""
    with scope.working_for(invitation.tenant):
        locked = Invitation.objects.select_for_update().filter(id=invitation.id).first()
        if locked is None or not locked.is_open or locked.token_digest != digest(token):
            raise InvitationSpent
        if locked.email.lower() != user.email.lower():
            raise InvitationForOther
        if Membership.objects.active().filter(user=user).exists():
            raise AlreadyMember  # or an owner could make themselves an agent
        locked.accepted_at = timezone.now()
        locked.token_digest = None
        locked.save(update_fields=["accepted_at", "token_digest"])
        member: Membership
        member, is_new = Membership.objects.update_or_create(
            user=user, defaults={"role": locked.role, "is_active": True}
        )
        if not is_new:
            _raise_version(member)
        record(catalog.MemberJoined(member=member_row(member), sector_ids=locked.sector_ids))
    return member


@transaction.atomic
def change_role(member: Membership, *, role: str, by: Membership | None = None) -> Membership:
    member = _locked(member)
    if Role.OWNER in (member.role, role):
        raise OwnerStays
    member.role = role
    _raise_version(member, "role")
    record(catalog.MemberChanged(member=member_row(member), rights_changed=True, by=person(by)))
    return member


@transaction.atomic
def set_active(member: Membership, *, is_active: bool, by: Membership | None = None) -> Membership:
    """Let a member in again, or shut them out: their sockets close at once."""
    member = _locked(member)
    if member.role == Role.OWNER:
        raise OwnerStays
    member.is_active = is_active
    _raise_version(member, "is_active")
    record(catalog.MemberChanged(member=member_row(member), rights_changed=True, by=person(by)))
    return member


@transaction.atomic
def switch_user(user: User, *, is_active: bool) -> User:
    """Operators shut a person out of every tenant at once, owners too, or let them in again. Memberships
    stay as they are; to colleagues the person is gone."""
    user = User.objects.select_for_update().get(id=user.id)
    user.is_active = is_active
    user.save(update_fields=["is_active"])
    for place in every_place_of(user):
        with scope.working_for(place.tenant):
            member = _locked(place)
            _raise_version(member)
            row = {**member_row(member), "is_active": is_active}
            record(catalog.MemberChanged(member=row, rights_changed=True))
    return user


def _locked(member: Membership) -> Membership:
    found: Membership = (
        Membership.objects.select_for_update(of=("self",)).select_related("user").get(id=member.id)
    )
    return found


def _raise_version(member: Membership, *changed: str) -> None:
    """Save what changed; the row is locked."""
    member.version += 1
    member.save(update_fields=["version", *changed])
