"""REST: how connections are doing, and what those who run them do about it."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import require
from accounts.requests import MemberRequest
from connections import invitations, upkeep
from connections.access import get_managed_connection, get_managed_link, list_connections
from connections.drivers.base import Can, NotSupported
from connections.figures import LONGEST_DAYS, all_figures, uptime_by_day
from connections.nudges import nudge
from connections.operations_shapes import (
    DriverInput,
    FiguresPage,
    LinkPage,
    LinkShape,
    OrderInput,
    RestoreInput,
    SettingsShape,
    UptimePage,
    day_row,
    link_row,
    settings_row,
)
from connections.serializers import ConnectionPage, ConnectionShape, connection_row
from tenants.errors import DomainError

USUAL_DAYS = 30


class NoScreenshot(DomainError):
    code = "not_supported"

    def __init__(self) -> None:
        super().__init__(str(NotSupported(Can.SCREENSHOT)))


class Figures(APIView):
    @extend_schema(responses=FiguresPage, operation_id="connection_figures", tags=["connections"])
    def get(self, request: MemberRequest) -> Response:
        require(request.member, "can_manage_connections")
        return Response(all_figures(list_connections(request.member)))


class Uptime(APIView):
    """How much of each day it was connected, of the time it was meant to be."""

    @extend_schema(
        parameters=[
            OpenApiParameter("days", int, description=f"1 to {LONGEST_DAYS}, {USUAL_DAYS} by itself.")
        ],
        responses=UptimePage,
        operation_id="connection_uptime",
        tags=["connections"],
    )
    def get(self, request: MemberRequest, connection_id: UUID) -> Response:
        connection = get_managed_connection(request.member, connection_id)
        days = _days(request.query_params.get("days", ""))
        lived = uptime_by_day(connection, days=days)
        return Response({"results": [day_row(day, each) for day, each in lived.items()]})


def _days(given: str) -> int:
    if not given:
        return USUAL_DAYS
    if not given.isascii() or not given.isdigit() or not 1 <= int(given[:4]) <= LONGEST_DAYS:
        raise ValidationError({"days": [f"1-{LONGEST_DAYS}"]})
    return int(given)


class ConnectionSettings(APIView):
    """What people set; changed by PATCH of the connection itself. Secrets never come out."""

    @extend_schema(responses=SettingsShape, tags=["connections"])
    def get(self, request: MemberRequest, connection_id: UUID) -> Response:
        connection = get_managed_connection(request.member, connection_id)
        return Response(settings_row(connection, upkeep.driver_of(connection.driver).fields))


class ConnectionOrder(APIView):
    """PUT: these first, in this order; the others behind them."""

    @extend_schema(request=OrderInput, responses=ConnectionPage, tags=["connections"])
    def put(self, request: MemberRequest) -> Response:
        require(request.member, "can_manage_connections")
        given = OrderInput(data=request.data)
        given.is_valid(raise_exception=True)
        upkeep.put_in_order(given.validated_data["ids"])
        rows = [connection_row(each) for each in list_connections(request.member)]
        return Response({"results": rows, "next": None})


class Restoration(APIView):
    """POST: start everything that was linked and does not run. Answers what was started."""

    @extend_schema(request=RestoreInput, responses=ConnectionPage, tags=["connections"])
    def post(self, request: MemberRequest) -> Response:
        require(request.member, "can_manage_connections")
        given = RestoreInput(data=request.data)
        given.is_valid(raise_exception=True)
        started = upkeep.restore_connections(with_stopped=given.validated_data["with_stopped"])
        return Response({"results": [connection_row(each) for each in started], "next": None})


class Screenshot(APIView):
    """POST: show whoever asks what the link's page looks like now, over their live socket."""

    @extend_schema(request=None, responses={202: None}, tags=["connections"])
    def post(self, request: MemberRequest, connection_id: UUID) -> Response:
        connection = get_managed_connection(request.member, connection_id)
        if Can.SCREENSHOT not in upkeep.driver_of(connection.driver).can:
            raise NoScreenshot
        nudge(connection.id, "show_screenshot", str(request.member.id))
        return Response(status=202, data={})


class ConnectionDriver(APIView):
    """PUT: make a stopped connection one of another kind. Its tickets stay, its link does not."""

    @extend_schema(request=DriverInput, responses=ConnectionShape, tags=["connections"])
    def put(self, request: MemberRequest, connection_id: UUID) -> Response:
        connection = get_managed_connection(request.member, connection_id)
        given = DriverInput(data=request.data)
        given.is_valid(raise_exception=True)
        switched = upkeep.switch_driver(connection, **given.validated_data, by=request.member)
        return Response(connection_row(switched))


class Links(APIView):
    """Links for whoever holds the phone, without an account here. POST answers the address, once."""

    @extend_schema(responses=LinkPage, operation_id="links_list", tags=["connections"])
    def get(self, request: MemberRequest, connection_id: UUID) -> Response:
        connection = get_managed_connection(request.member, connection_id)
        rows = [link_row(link) for link in invitations.open_links(connection)]
        return Response({"results": rows, "next": None})

    @extend_schema(request=None, responses={201: LinkShape}, tags=["connections"])
    def post(self, request: MemberRequest, connection_id: UUID) -> Response:
        connection = get_managed_connection(request.member, connection_id)
        link, token = invitations.offer_link(connection, by=request.member)
        return Response(link_row(link, token), status=201)


class OneLink(APIView):
    @extend_schema(request=None, responses={204: None}, tags=["connections"])
    def delete(self, request: MemberRequest, connection_id: UUID, link_id: UUID) -> Response:
        link = get_managed_link(request.member, connection_id, link_id)
        invitations.revoke_link(link, by=request.member)
        return Response(status=204)
