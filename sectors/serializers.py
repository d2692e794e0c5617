"""Shapes of sectors."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from sectors.models import Sector


def sector_chip(sector: Sector) -> dict[str, str]:
    """{"id", "name", "color"}, the form in which a sector stands inside other shapes."""
    return {"id": str(sector.id), "name": sector.name, "color": sector.color}


def sector_row(sector: Sector) -> dict[str, Any]:
    """With the ids of its members; prefetch `seats` for lists."""
    return {
        **sector_chip(sector),
        "members": [str(seat.member_id) for seat in sector.seats.all()],
    }


class SectorChipShape(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    color = serializers.CharField()


class SectorShape(SectorChipShape):
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
