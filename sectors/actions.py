"""Making sectors, and seating people in them.

`by` is the member who does it; None is the installation itself: its operators, or a reaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet, prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from accounts.serializers import member_row, person
from events import catalog
from events.recording import record
from sectors.models import COLORS, Seat, Sector
from sectors.serializers import sector_row
from tenants.errors import DomainError


class SectorNameTaken(DomainError):
    code = "sector_name_taken"
    message = _("There is a sector with this name already.")


class UnknownMember(DomainError):
    code = "unknown_member"
    status = 400
    message = _("One of these people is not an active member.")


@transaction.atomic
def create_sector(
    *,
    name: str,
    color: str | None = None,
    members: Iterable[UUID | str] = (),
    by: Membership | None = None,
) -> Sector:
    """A new sector; without a colour it gets the next of the palette."""
    color = color or COLORS[Sector.objects.count() % len(COLORS)]
    try:
        with transaction.atomic():
            sector: Sector = Sector.objects.create(name=name, color=color)
    except IntegrityError as taken:
        raise SectorNameTaken from taken
    set_members(sector, members, by=by)
    record(catalog.SectorChanged(sector=sector_row(sector), by=person(by)))
    return sector


@transaction.atomic
def change_sector(
    sector: Sector,
    *,
    name: str | None = None,
    color: str | None = None,
    members: Iterable[UUID | str] | None = None,
    by: Membership | None = None,
) -> Sector:
    """Change what is given; None leaves a thing as it is."""
    sector = Sector.objects.select_for_update(no_key=True).get(id=sector.id)
    sector.name = sector.name if name is None else name
    sector.color = sector.color if color is None else color
    sector.version += 1
    try:
        with transaction.atomic():
            sector.save(update_fields=["name", "color", "version"])
    except IntegrityError as taken:
        raise SectorNameTaken from taken
    if members is not None:
        set_members(sector, members, by=by)
    record(catalog.SectorChanged(sector=sector_row(sector), by=person(by)))
    return sector


def set_members(sector: Sector, members: Iterable[UUID | str], *, by: Membership | None = None) -> None:
    """Seat exactly these people. Who gains or loses a seat has their sockets opened afresh."""
    wanted = {UUID(str(member_id)) for member_id in members}
    seated = {seat.member_id for seat in Seat.objects.filter(sector=sector)}
    # In one order, so that changes of two sectors with the same people do not wait for each other.
    moved = list(_locked_members().filter(id__in=wanted ^ seated).order_by("id"))
    newcomers = [member for member in moved if member.id in wanted]
    if len(newcomers) != len(wanted - seated) or not all(member.can_enter for member in newcomers):
        raise UnknownMember
    Seat.objects.filter(sector=sector, member_id__in=seated - wanted).delete()
    Seat.objects.bulk_create([Seat(sector=sector, member=member) for member in newcomers])
    prefetch_related_objects(moved, "seats")
    for member in moved:
        _tell_of_member(member, by=by)


def _locked_members() -> QuerySet[Membership]:
    found: QuerySet[Membership] = Membership.objects.select_related("user")
    return found.select_for_update(of=("self",), no_key=True)


def _tell_of_member(member: Membership, *, by: Membership | None) -> None:
    """Of somebody whose seats changed; the row is locked."""
    member.version += 1
    member.save(update_fields=["version"])
    sectors = [seat.sector_id for seat in member.seats.all()]
    record(catalog.MemberChanged(member=member_row(member, sectors), rights_changed=True, by=person(by)))


@transaction.atomic
def give_first_sector(owner: Membership, *, name: str) -> None:
    """A tenant begins with one sector, its founder in it. Run twice, nothing more happens."""
    if not Sector.objects.exists():
        create_sector(name=name, members=[owner.id])


@transaction.atomic
def seat_member(member: Membership, sector_ids: Iterable[str]) -> None:
    """Give a member seats in those of these sectors that (still) exist."""
    member = _locked_members().get(id=member.id)
    taken = set(Seat.objects.filter(member=member).values_list("sector_id", flat=True))
    sectors = Sector.objects.filter(id__in=list(sector_ids)).exclude(id__in=taken)
    seats = Seat.objects.bulk_create([Seat(sector=sector, member=member) for sector in sectors])
    if seats:
        _tell_of_member(member, by=None)
