"""Tickets in the operators' admin: numbers and times, never what was written."""

from django.contrib import admin

from tenants.operators import ReadOnlyAdmin
from tickets.models import Ticket


@admin.register(Ticket)
class TicketAdmin(ReadOnlyAdmin):
    list_display = ["number", "tenant", "sector", "status", "opened_at", "taken_at", "closed_at"]
    list_select_related = ["tenant", "sector"]
    list_filter = ["status", "tenant"]
    exclude = ["last_message", "chat", "contact"]
