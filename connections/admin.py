"""Connections in the operators' admin: what is wanted, what is, who hosts it. Never credentials."""

from django.contrib import admin

from connections.models import Connection, Inbound, Outbound, Transition
from tenants.operators import GuardedReadOnlyAdmin, ReadOnlyAdmin


@admin.register(Connection)
class ConnectionAdmin(GuardedReadOnlyAdmin):
    list_display = ["name", "tenant", "driver", "should_run", "state", "reason", "lease_owner"]
    list_filter = ["state", "driver", "should_run", "tenant"]
    search_fields = ["name", "phone"]


@admin.register(Transition)
class TransitionAdmin(ReadOnlyAdmin):
    list_display = ["at", "connection", "from_state", "to_state", "reason", "worker", "epoch"]
    list_select_related = ["connection"]


@admin.register(Inbound)
class InboundAdmin(ReadOnlyAdmin):
    """What came in and whether it was taken in; not what was written."""

    list_display = ["received_at", "tenant", "kind", "taken_in_at", "attempts", "error"]
    list_filter = ["kind", "tenant"]
    exclude = ["payload", "chat", "key"]


@admin.register(Outbound)
class OutboundAdmin(ReadOnlyAdmin):
    list_display = ["queued_at", "tenant", "kind", "state", "attempts", "error_code", "settled_at"]
    list_filter = ["state", "kind", "tenant"]
    exclude = ["payload", "chat"]
