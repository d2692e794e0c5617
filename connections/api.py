"""REST: connections, their running, their link, their history."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import require
from accounts.requests import MemberRequest
from connections import actions, upkeep
from connections.access import get_connection, get_managed_connection, list_connections
from connections.models import Connection
from connections.operations_shapes import RemovalInput
from connections.serializers import (
    ConnectionChange,
    ConnectionInput,
    ConnectionPage,
    ConnectionShape,
    TransitionPage,
    connection_row,
    transition_row,
)
from sectors.access import get_sector

TRANSITIONS_SHOWN = 100


def row_for(request: MemberRequest, connection: Connection) -> dict[str, object]:
    with_reasons = request.member.has_right("can_manage_connections")
    return connection_row(connection, with_reasons=with_reasons)


class Connections(APIView):
    @extend_schema(responses=ConnectionPage, operation_id="connections_list", tags=["connections"])
    def get(self, request: MemberRequest) -> Response:
        rows = [row_for(request, connection) for connection in list_connections(request.member)]
        return Response({"results": rows, "next": None})

    @extend_schema(request=ConnectionInput, responses={201: ConnectionShape}, tags=["connections"])
    def post(self, request: MemberRequest) -> Response:
        require(request.member, "can_manage_connections")
        given = ConnectionInput(data=request.data)
        given.is_valid(raise_exception=True)
        sector = get_sector(request.member, given.validated_data.pop("sector_id"))
        connection = actions.create_connection(sector=sector, **given.validated_data)
        return Response(connection_row(connection), status=201)


class OneConnection(APIView):
    @extend_schema(responses=ConnectionShape, tags=["connections"])
    def get(self, request: MemberRequest, connection_id: UUID) -> Response:
        return Response(row_for(request, get_connection(request.member, connection_id)))

    @extend_schema(request=ConnectionChange, responses=ConnectionShape, tags=["connections"])
    def patch(self, request: MemberRequest, connection_id: UUID) -> Response:
        connection = get_managed_connection(request.member, connection_id)
        given = ConnectionChange(data=request.data)
        given.is_valid(raise_exception=True)
        sector_id = given.validated_data.pop("sector_id", None)
        sector = get_sector(request.member, sector_id) if sector_id else None
        change = upkeep.Change(sector=sector, **given.validated_data)
        return Response(connection_row(upkeep.set_up(connection, change)))

    @extend_schema(request=RemovalInput, responses={204: None}, tags=["connections"])
    def delete(self, request: MemberRequest, connection_id: UUID) -> Response:
        """For good where nothing hangs on it; else out of every list, its tickets kept."""
        connection = get_managed_connection(request.member, connection_id)
        given = RemovalInput(data=request.data)
        given.is_valid(raise_exception=True)
        upkeep.remove_connection(connection, **given.validated_data, by=request.member)
        return Response(status=204)


class ConnectionRun(APIView):
    """PUT: let it run (again, with a new QR code where it needs one). DELETE: let it rest."""

    @extend_schema(request=None, responses=ConnectionShape, tags=["connections"])
    def put(self, request: MemberRequest, connection_id: UUID) -> Response:
        connection = get_managed_connection(request.member, connection_id)
        return Response(connection_row(actions.start_connection(connection)))

    @extend_schema(request=None, responses=ConnectionShape, tags=["connections"])
    def delete(self, request: MemberRequest, connection_id: UUID) -> Response:
        connection = get_managed_connection(request.member, connection_id)
        return Response(connection_row(actions.stop_connection(connection)))


class ConnectionLink(APIView):
    """DELETE: log out, which unlinks the number on the phone."""

    @extend_schema(request=None, responses=ConnectionShape, tags=["connections"])
    def delete(self, request: MemberRequest, connection_id: UUID) -> Response:
        connection = get_managed_connection(request.member, connection_id)
        return Response(connection_row(actions.log_out_connection(connection)))


class Transitions(APIView):
    """The newest changes of state: what, why, when, by which worker."""

    @extend_schema(responses=TransitionPage, operation_id="transitions_list", tags=["connections"])
    def get(self, request: MemberRequest, connection_id: UUID) -> Response:
        connection = get_managed_connection(request.member, connection_id)
        newest = connection.transitions.order_by("-id")[:TRANSITIONS_SHOWN]
        return Response({"results": [transition_row(t) for t in newest], "next": None})
