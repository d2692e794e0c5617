"""Connections in the operators' admin: what is wanted, what is, who hosts it; and the workers that do. Never
credentials."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from connections import workers
from connections.models import Connection, Inbound, Outbound, SessionWorker, Transition
from tenants.operators import GuardedReadOnlyAdmin, ReadOnlyAdmin


@admin.register(Connection)
class ConnectionAdmin(GuardedReadOnlyAdmin):
    list_display = [
        *["name", "tenant", "phone", "driver", "should_run", "state", "reason", "state_at", "degraded_by"],
        *["lease_owner", "lease_epoch"],
    ]
    list_filter = ["state", "driver", "should_run", "is_archived", "lease_owner", "tenant"]
    search_fields = ["name", "phone", "lease_owner"]
    exclude = ["driver_settings"]


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


@admin.register(SessionWorker)
class SessionWorkerAdmin(ModelAdmin):
    """The processes that host sessions, of every tenant. To be looked at, drained, and taken back."""

    list_display = ["name", "is_present", "load", "memory", "is_draining", "started_at", "seen_at"]
    actions = ["drain", "undrain"]
    ordering = ["name"]
    list_per_page = 100

    def get_queryset(self, request: HttpRequest) -> QuerySet[SessionWorker]:
        rows: QuerySet[SessionWorker] = workers.with_presence()
        return rows

    @admin.display(description=_("present"), boolean=True)
    def is_present(self, worker: Any) -> bool:
        return bool(worker.is_present)

    @admin.display(description=_("sessions"), ordering="hosted")
    def load(self, worker: SessionWorker) -> str:
        return f"{worker.hosted}/{worker.capacity}"

    @admin.display(description=_("memory"), ordering="memory_bytes")
    def memory(self, worker: SessionWorker) -> str:
        return filesizeformat(worker.memory_bytes) if worker.memory_bytes else "-"

    @admin.action(description=_("Drain: take nothing new, hand over what it hosts"), permissions=["drain"])
    def drain(self, request: HttpRequest, chosen: QuerySet[SessionWorker]) -> None:
        names = self._set(chosen, is_draining=True)
        messages.success(request, gettext("Draining: %(names)s") % {"names": names})

    @admin.action(description=_("Stop draining"), permissions=["drain"])
    def undrain(self, request: HttpRequest, chosen: QuerySet[SessionWorker]) -> None:
        names = self._set(chosen, is_draining=False)
        messages.success(request, gettext("Not draining any more: %(names)s") % {"names": names})

    def _set(self, chosen: QuerySet[SessionWorker], *, is_draining: bool) -> str:
        names = [worker.name for worker in chosen if workers.drain(worker.name, is_draining=is_draining)]
        return ", ".join(names)

    def has_drain_permission(self, request: HttpRequest) -> bool:
        """Whoever may see them and runs the installation; `change` of a row by hand is for nobody."""
        return request.user.has_perm("connections.change_sessionworker")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: SessionWorker | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: SessionWorker | None = None) -> bool:
        return False
