"""The event log in the operators' admin: what happened and whether it was told, not what was written."""

from django.contrib import admin

from events.models import Event
from tenants.operators import ReadOnlyAdmin


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ["recorded_at", "tenant", "kind", "relayed_at"]
    list_filter = ["kind", "tenant"]
    exclude = ["payload"]
