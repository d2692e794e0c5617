"""REST: what there is to read - inbox, tickets, messages, contacts."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import MemberRequest
from tickets import queries
from tickets.access import get_contact, get_ticket
from tickets.serializers import (
    ContactPage,
    ContactShape,
    CountersShape,
    EarlierTicketPage,
    InboxShape,
    MessagePage,
    PageInput,
    TicketListInput,
    TicketPage,
    TicketShape,
    contact_row,
    ticket_row,
)


class Inbox(APIView):
    """Everything a console needs before its first list."""

    @extend_schema(responses=InboxShape, tags=["tickets"])
    def get(self, request: MemberRequest) -> Response:
        return Response(queries.inbox_of(request.member))


class Tickets(APIView):
    @extend_schema(
        parameters=[TicketListInput], responses=TicketPage, operation_id="tickets_list", tags=["tickets"]
    )
    def get(self, request: MemberRequest) -> Response:
        given = TicketListInput(data=request.query_params)
        given.is_valid(raise_exception=True)
        return Response(queries.list_tickets(request.member, **given.validated_data))


class TicketCounters(APIView):
    @extend_schema(responses=CountersShape, tags=["tickets"])
    def get(self, request: MemberRequest) -> Response:
        return Response(queries.count_tabs(request.member))


class OneTicket(APIView):
    @extend_schema(responses=TicketShape, tags=["tickets"])
    def get(self, request: MemberRequest, ticket_id: UUID) -> Response:
        return Response(ticket_row(get_ticket(request.member, ticket_id)))


class Contacts(APIView):
    @extend_schema(
        parameters=[PageInput], responses=ContactPage, operation_id="contacts_list", tags=["contacts"]
    )
    def get(self, request: MemberRequest) -> Response:
        given = PageInput(data=request.query_params)
        given.is_valid(raise_exception=True)
        return Response(queries.list_contacts(request.member, **given.validated_data))


class OneContact(APIView):
    @extend_schema(responses=ContactShape, tags=["contacts"])
    def get(self, request: MemberRequest, contact_id: UUID) -> Response:
        return Response(contact_row(get_contact(request.member, contact_id)))


class TicketsOfContact(APIView):
    """The contact's history; `is_visible` says which of them you may open."""

    @extend_schema(responses=EarlierTicketPage, operation_id="contacts_tickets_list", tags=["contacts"])
    def get(self, request: MemberRequest, contact_id: UUID) -> Response:
        contact = get_contact(request.member, contact_id)
        rows = queries.list_earlier_tickets(request.member, contact)
        return Response({"results": rows, "next": None})


class PagedMessages(APIView):
    @extend_schema(
        parameters=[PageInput], responses=MessagePage, operation_id="tickets_messages_list", tags=["messages"]
    )
    def get(self, request: MemberRequest, ticket_id: UUID) -> Response:
        ticket = get_ticket(request.member, ticket_id)
        given = PageInput(data=request.query_params)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        return Response(queries.list_messages(ticket, cursor=wanted["cursor"], limit=wanted["limit"]))
