"""REST: sectors and members."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import require
from accounts.models import Membership
from accounts.requests import MemberRequest
from accounts.serializers import MemberPage, member_row
from sectors.access import get_managed_sector, get_sector
from sectors.actions import change_sector, create_sector
from sectors.models import Sector
from sectors.serializers import SectorInput, SectorPage, SectorShape, sector_row


class Sectors(APIView):
    @extend_schema(responses=SectorPage, operation_id="sectors_list", tags=["sectors"])
    def get(self, request: MemberRequest) -> Response:
        sectors = Sector.objects.with_seats()
        return Response({"results": [sector_row(sector) for sector in sectors], "next": None})

    @extend_schema(request=SectorInput, responses={201: SectorShape}, tags=["sectors"])
    def post(self, request: MemberRequest) -> Response:
        require(request.member, "can_manage_sectors")
        given = SectorInput(data=request.data)
        given.is_valid(raise_exception=True)
        sector = create_sector(**given.validated_data, by=request.member)
        return Response(sector_row(sector), status=201)


class OneSector(APIView):
    @extend_schema(responses=SectorShape, tags=["sectors"])
    def get(self, request: MemberRequest, sector_id: UUID) -> Response:
        return Response(sector_row(get_sector(request.member, sector_id)))

    @extend_schema(request=SectorInput, responses=SectorShape, tags=["sectors"])
    def patch(self, request: MemberRequest, sector_id: UUID) -> Response:
        sector = get_managed_sector(request.member, sector_id)
        given = SectorInput(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        sector = change_sector(sector, **given.validated_data, by=request.member)
        return Response(sector_row(sector))


class Members(APIView):
    @extend_schema(responses=MemberPage, operation_id="members_list", tags=["members"])
    def get(self, request: MemberRequest) -> Response:
        return Response({"results": members(), "next": None})


def members() -> list[dict[str, object]]:
    """Active members with the sectors they work in."""
    found = Membership.objects.active().select_related("user").prefetch_related("seats")
    return [
        member_row(member, [seat.sector_id for seat in member.seats.all()])
        for member in found.order_by("user__name")
    ]
