"""Admin pages over tenant-owned rows, for those who run the installation.

They look across tenants on purpose: read-only, in one scope per request, and never at what customers
wrote. Tenant administrators have pages of their own and never come here.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from guardian.admin import GuardedModelAdminMixin
from unfold.admin import ModelAdmin

from tenants import scope


class ReadOnlyAdmin(ModelAdmin):
    """A list and a detail page; nothing to add, change or delete."""

    list_filter = ["tenant"]
    list_select_related = ["tenant"]
    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.model._base_manager.all()
        return rows

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        with scope.across_tenants(reason="operators look at the whole installation"):
            return _rendered(super().changelist_view(request, extra_context))

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        with scope.across_tenants(reason="operators look at the whole installation"):
            return _rendered(super().changeform_view(request, object_id, form_url, extra_context))


class GuardedReadOnlyAdmin(GuardedModelAdminMixin, ReadOnlyAdmin):
    """With guardian's page of rights on the single object."""

    def obj_perms_manage_view(self, request: HttpRequest, object_pk: Any) -> HttpResponse:
        with scope.across_tenants(reason="operators look at the whole installation"):
            manage: Any = super().obj_perms_manage_view
            return _rendered(manage(request, object_pk))


def _rendered(response: HttpResponse) -> HttpResponse:
    """Templates are lazy: render while the scope is open."""
    if hasattr(response, "render"):
        response.render()
    return response
