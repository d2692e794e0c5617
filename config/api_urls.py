"""Addresses of the REST API, below /api/v1/."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerView

from accounts import api as accounts
from connections import api as connections
from connections import operations_api as operations
from sectors import api as sectors
from tickets.api import reading, writing

urlpatterns = [
    path("auth/token/", accounts.Tokens.as_view()),
    path("auth/token/refresh/", accounts.RenewedTokens.as_view()),
    path("inbox/", reading.Inbox.as_view()),
    path("tickets/", reading.Tickets.as_view()),
    path("tickets/counters/", reading.TicketCounters.as_view()),
    path("tickets/<uuid:ticket_id>/", reading.OneTicket.as_view()),
    path("tickets/<uuid:ticket_id>/messages/", writing.Messages.as_view()),
    path("tickets/<uuid:ticket_id>/assignment/", writing.TicketAssignment.as_view()),
    path("tickets/<uuid:ticket_id>/transfer/", writing.TicketTransfer.as_view()),
    path("tickets/<uuid:ticket_id>/closure/", writing.TicketClosure.as_view()),
    path("tickets/<uuid:ticket_id>/read-mark/", writing.ReadMark.as_view()),
    path("messages/<uuid:message_id>/attempt/", writing.MessageAttempt.as_view()),
    path("contacts/", reading.Contacts.as_view()),
    path("contacts/<uuid:contact_id>/", reading.OneContact.as_view()),
    path("contacts/<uuid:contact_id>/tickets/", reading.TicketsOfContact.as_view()),
    path("connections/", connections.Connections.as_view()),
    path("connections/figures/", operations.Figures.as_view()),
    path("connections/order/", operations.ConnectionOrder.as_view()),
    path("connections/restore/", operations.Restoration.as_view()),
    path("connections/<uuid:connection_id>/", connections.OneConnection.as_view()),
    path("connections/<uuid:connection_id>/run/", connections.ConnectionRun.as_view()),
    path("connections/<uuid:connection_id>/link/", connections.ConnectionLink.as_view()),
    path("connections/<uuid:connection_id>/transitions/", connections.Transitions.as_view()),
    path("connections/<uuid:connection_id>/uptime/", operations.Uptime.as_view()),
    path("connections/<uuid:connection_id>/settings/", operations.ConnectionSettings.as_view()),
    path("connections/<uuid:connection_id>/screenshot/", operations.Screenshot.as_view()),
    path("connections/<uuid:connection_id>/driver/", operations.ConnectionDriver.as_view()),
    path("connections/<uuid:connection_id>/links/", operations.Links.as_view()),
    path("connections/<uuid:connection_id>/links/<uuid:link_id>/", operations.OneLink.as_view()),
    path("sectors/", sectors.Sectors.as_view()),
    path("sectors/<uuid:sector_id>/", sectors.OneSector.as_view()),
    path("members/", sectors.Members.as_view()),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="api_docs"),
    path("docs/redoc/", SpectacularRedocView.as_view(url_name="schema"), name="api_redoc"),
]
