"""Shapes of people: out as snapshots, in as parsed input."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from accounts.choices import Role
from accounts.models import Membership


def person(member: Membership | None) -> dict[str, str] | None:
    """{"id", "name"}, the form in which a member stands inside other shapes."""
    return {"id": str(member.id), "name": member.name} if member else None


def member_row(member: Membership, sector_ids: Iterable[Any] | None = None) -> dict[str, Any]:
    """Whole, with the sectors the member works in; give those that are loaded already."""
    if sector_ids is None:
        sector_ids = member.seats.values_list("sector_id", flat=True)
    return {
        "id": str(member.id),
        "name": member.name,
        "version": member.version,
        "role": member.role,
        "sectors": [str(sector_id) for sector_id in sector_ids],
        "is_active": member.is_active,
    }


class PersonShape(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()


class MemberShape(PersonShape):
    version = serializers.IntegerField(help_text="Rises with every change; ignore older rows.")
    role = serializers.ChoiceField(choices=Role.choices)
    sectors = serializers.ListField(child=serializers.UUIDField())
    is_active = serializers.BooleanField()


class MemberPage(serializers.Serializer):
    results = MemberShape(many=True)
    next = serializers.CharField(allow_null=True)


class SignInInput(serializers.Serializer):
    email = serializers.EmailField()
    password = serializers.CharField(trim_whitespace=False)
    tenant = serializers.SlugField(help_text="The tenant's short name, as in its addresses.")


class RefreshInput(serializers.Serializer):
    refresh = serializers.CharField()


class TokensShape(serializers.Serializer):
    access = serializers.CharField()
    refresh = serializers.CharField()


class ErrorShape(serializers.Serializer):
    code = serializers.CharField()
    message = serializers.CharField()

    def get_fields(self) -> dict[str, Any]:
        # Not declared above: a serializer's own `fields` would be shadowed.
        return {**super().get_fields(), "fields": serializers.DictField()}
