"""Making sectors, and seating people in them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from accounts.serializers import member_row
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
def create_sector(*, name: str, color: str | None = None, members: Iterable[UUID | str] = ()) -> Sector:
    """A new sector; without a colour it gets the next of the palette."""
    color = color or COLORS[Sector.objects.count() % len(COLORS)]
    try:
        with transaction.atomic():
            sector: Sector = Sector.objects.create(name=name, color=color)
    except IntegrityError as taken:
        raise SectorNameTaken from taken
    set_members(sector, members)
    record(catalog.SectorChanged(sector=sector_row(sector)))
    return sector


@transaction.atomic
def change_sector(
    sector: Sector,
    *,
    name: str | None = None,
    color: str | None = None,
    members: Iterable[UUID | str] | None = None,
) -> Sector:
    """Change what is given; None leaves a thing as it is."""
    sector = Sector.objects.select_for_update(no_key=True).get(id=sector.id)
    sector.name = sector.name if name is None else name
    sector.color = sector.color if color is None else color
    try:
        with transaction.atomic():
            sector.save(update_fields=["name", "color"])
    except IntegrityError as taken:
        raise SectorNameTaken from taken
    if members is not None:
        set_members(sector, members)
    record(catalog.SectorChanged(sector=sector_row(sector)))
    return sector


def set_members(sector: Sector, members: Iterable[UUID | str]) -> None:
    """Seat exactly these people. Who gains or loses a seat has their sockets opened afresh."""
    wanted = {UUID(str(member_id)) for member_id in members}
    seated = {seat.member_id for seat in Seat.objects.filter(sector=sector)}
    newcomers = list(Membership.objects.active().filter(id__in=wanted - seated))
    if len(newcomers) != len(wanted - seated):
        raise UnknownMember
    Seat.objects.filter(sector=sector, member_id__in=seated - wanted).delete()
    Seat.objects.bulk_create([Seat(sector=sector, member=member) for member in newcomers])
    moved = Membership.objects.filter(id__in=wanted ^ seated).select_related("user")
    for member in moved.prefetch_related("seats"):
        tell_of_member(member)


def tell_of_member(member: Membership) -> None:
    sectors = [seat.sector_id for seat in member.seats.all()]
    record(catalog.MemberChanged(member=member_row(member, sectors), rights_changed=True))


@transaction.atomic
def give_first_sector(owner: Membership, *, name: str) -> None:
    """A tenant begins with one sector, its founder in it. Run twice, nothing more happens."""
    if not Sector.objects.exists():
        create_sector(name=name, members=[owner.id])


@transaction.atomic
def seat_member(member: Membership, sector_ids: Iterable[str]) -> None:
    """Give a member seats in those of these sectors that (still) exist."""
    taken = set(Seat.objects.filter(member=member).values_list("sector_id", flat=True))
    sectors = Sector.objects.filter(id__in=list(sector_ids)).exclude(id__in=taken)
    seats = Seat.objects.bulk_create([Seat(sector=sector, member=member) for sector in sectors])
    if seats:
        tell_of_member(Membership.objects.prefetch_related("seats").get(id=member.id))
