"""Shapes of sectors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from sectors.models import Sector


def sector_chip(sector: Sector) -> dict[str, str]:
    """{"id", "name", "color"}, the form in which a sector stands inside other shapes."""
    return {"id": str(sector.id), "name": sector.name, "color": sector.color}


def sector_row(sector: Sector, member_ids: Iterable[str] | None = None) -> dict[str, Any]:
    """Whole, with the ids of its members; give those that are loaded already, or prefetch `seats`."""
    if member_ids is None:
        member_ids = (str(seat.member_id) for seat in sector.seats.all())
    return {**sector_chip(sector), "version": sector.version, "members": list(member_ids)}


class SectorChipShape(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    color = serializers.CharField()


class SectorShape(SectorChipShape):
    version = serializers.IntegerField(help_text="Rises with every change; ignore older rows.")
    members = serializers.ListField(child=serializers.UUIDField())


class SectorPage(serializers.Serializer):
    results = SectorShape(many=True)
    next = serializers.CharField(allow_null=True)


class SectorInput(serializers.Serializer):
    name = serializers.CharField(max_length=60)
    color = serializers.RegexField(r"^#[0-9a-f]{6}$", required=False)
    members = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=1000, help_text="Member ids."
    )
