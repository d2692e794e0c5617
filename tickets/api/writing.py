"""REST: what members do - answer, take, return, transfer, close, reopen, read."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import get_member
from accounts.requests import MemberRequest
from accounts.serializers import ErrorShape
from sectors.access import get_sector
from tenants.errors import DomainError
from tickets import actions, sending
from tickets.access import get_message, get_message_of, get_takeable_ticket, get_ticket
from tickets.api.reading import PagedMessages
from tickets.choices import Origin
from tickets.models import Message
from tickets.serializers import (
    MessageInput,
    MessageShape,
    TicketShape,
    TransferInput,
    message_row,
    ticket_row,
)


class BadIdempotencyKey(DomainError):
    code = "bad_idempotency_key"
    status = 400
    message = _("The Idempotency-Key header must be a UUID.")


IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    UUID,
    OpenApiParameter.HEADER,
    description=(
        "Repeat a request with the same key and nothing is sent twice: you get the same message "
        "(200 instead of 201). The same key with another body is an error (409)."
    ),
)


class Messages(PagedMessages):
    @extend_schema(
        parameters=[IDEMPOTENCY_KEY],
        request={"application/json": MessageInput, "multipart/form-data": MessageInput},
        responses={201: MessageShape, 200: MessageShape, 409: ErrorShape},
        tags=["messages"],
    )
    def post(self, request: MemberRequest, ticket_id: UUID) -> Response:
        try:
            ticket = get_ticket(request.member, ticket_id)
        except Http404:
            if (known := _sent_before(request, ticket_id)) is None:
                raise
            return Response(_fresh(known))
        given = MessageInput(data=request.data)
        given.is_valid(raise_exception=True)
        quoted_id = given.validated_data.pop("quoted_id")
        message, is_new = sending.send_message(
            ticket,
            by=request.member,
            reference=_reference(request),
            quoted=get_message_of(ticket, quoted_id) if quoted_id else None,
            origin=_origin(request),
            **given.validated_data,
        )
        return Response(message_row(message), status=201) if is_new else Response(_fresh(message))


class MessageAttempt(APIView):
    """Try a failed message again."""

    @extend_schema(request=None, responses=MessageShape, tags=["messages"])
    def post(self, request: MemberRequest, message_id: UUID) -> Response:
        message = get_message(request.member, message_id)
        return Response(_fresh(sending.retry_message(message, by=request.member)))


class TicketAssignment(APIView):
    """POST: take the ticket. DELETE: give it back to the queue."""

    @extend_schema(request=None, responses={200: TicketShape, 409: ErrorShape}, tags=["tickets"])
    def post(self, request: MemberRequest, ticket_id: UUID) -> Response:
        ticket = get_takeable_ticket(request.member, ticket_id)
        return Response(ticket_row(actions.take_ticket(ticket, by=request.member)))

    @extend_schema(request=None, responses=TicketShape, tags=["tickets"])
    def delete(self, request: MemberRequest, ticket_id: UUID) -> Response:
        ticket = get_ticket(request.member, ticket_id)
        return Response(ticket_row(actions.return_ticket(ticket, by=request.member)))


class TicketTransfer(APIView):
    @extend_schema(request=TransferInput, responses=TicketShape, tags=["tickets"])
    def post(self, request: MemberRequest, ticket_id: UUID) -> Response:
        ticket = get_ticket(request.member, ticket_id)
        given = TransferInput(data=request.data)
        given.is_valid(raise_exception=True)
        member_id = given.validated_data["member_id"]
        moved = actions.transfer_ticket(
            ticket,
            sector=get_sector(request.member, given.validated_data["sector_id"]),
            to=get_member(request.member, member_id) if member_id else None,
            by=request.member,
        )
        return Response(ticket_row(moved))


class TicketClosure(APIView):
    """POST: close. DELETE: reopen."""

    @extend_schema(request=None, responses=TicketShape, tags=["tickets"])
    def post(self, request: MemberRequest, ticket_id: UUID) -> Response:
        ticket = get_ticket(request.member, ticket_id)
        return Response(ticket_row(actions.close_ticket(ticket, by=request.member)))

    @extend_schema(request=None, responses=TicketShape, tags=["tickets"])
    def delete(self, request: MemberRequest, ticket_id: UUID) -> Response:
        ticket = get_ticket(request.member, ticket_id)
        return Response(ticket_row(actions.reopen_ticket(ticket, by=request.member)))


class ReadMark(APIView):
    """Everything the customer wrote has been read by the member who serves the ticket."""

    @extend_schema(request=None, responses=TicketShape, tags=["tickets"])
    def post(self, request: MemberRequest, ticket_id: UUID) -> Response:
        ticket = get_ticket(request.member, ticket_id)
        return Response(ticket_row(actions.mark_read(ticket, by=request.member)))


def _sent_before(request: MemberRequest, ticket_id: UUID) -> Message | None:
    """A repeat, because the first answer was lost, of a message in a ticket that has gone to somebody else
    since: its sender still learns that it was accepted."""
    given = MessageInput(data=request.data)
    if "Idempotency-Key" not in request.headers or not given.is_valid():
        return None
    fingerprint = sending.fingerprint_of(ticket_id, **given.validated_data)
    return sending.sent_before(request.member, _reference(request), fingerprint)


def _reference(request: MemberRequest) -> UUID:
    given = request.headers.get("Idempotency-Key")
    try:
        return UUID(given) if given else uuid4()
    except ValueError as nonsense:
        raise BadIdempotencyKey from nonsense


def _origin(request: MemberRequest) -> str:
    return Origin.API if request.is_token_call else Origin.CONSOLE


def _fresh(message: Message) -> dict[str, object]:
    return message_row(Message.objects.with_parts().get(id=message.id))
