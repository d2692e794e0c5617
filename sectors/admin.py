"""Sectors in the operators' admin."""

from django.contrib import admin

from sectors.models import Sector
from tenants.operators import GuardedReadOnlyAdmin


@admin.register(Sector)
class SectorAdmin(GuardedReadOnlyAdmin):
    list_display = ["name", "tenant", "created_at"]
    search_fields = ["name"]
