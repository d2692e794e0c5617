"""Shapes of connections."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from connections.choices import HISTORY_DAYS, Driver, State
from connections.models import Connection, Transition
from sectors.serializers import SectorChipShape, sector_chip
from tenants.rendering import timestamp


def connection_row(connection: Connection, *, with_reasons: bool = True) -> dict[str, Any]:
    """Reason and detail are for those who manage connections."""
    return {
        "id": str(connection.id),
        "version": connection.version,
        "name": connection.name,
        "driver": connection.driver,
        "should_run": connection.should_run,
        "state": connection.state,
        "reason": connection.reason if with_reasons else "",
        "detail": connection.detail if with_reasons else "",
        "state_at": timestamp(connection.state_at),
        "phone": connection.phone,
        "profile_name": connection.profile_name,
        "sector": sector_chip(connection.sector),
        "position": connection.position,
        "degraded_by": connection.degraded_by if with_reasons else "",
        "restricted_until": timestamp(connection.restricted_until),
        "down_since": timestamp(connection.down_since),
    }


def transition_row(transition: Transition) -> dict[str, Any]:
    return {
        "from_state": transition.from_state,
        "to_state": transition.to_state,
        "reason": transition.reason,
        "detail": transition.detail,
        "at": timestamp(transition.at),
        "worker": transition.worker,
        "epoch": transition.epoch,
    }


class ConnectionShape(serializers.Serializer):
    id = serializers.UUIDField()
    version = serializers.IntegerField()
    name = serializers.CharField()
    driver = serializers.ChoiceField(choices=Driver.choices)
    should_run = serializers.BooleanField()
    state = serializers.ChoiceField(choices=State.choices)
    reason = serializers.CharField(help_text="A stable code; empty unless you manage connections.")
    detail = serializers.CharField()
    state_at = serializers.DateTimeField()
    phone = serializers.CharField(allow_null=True)
    profile_name = serializers.CharField()
    sector = SectorChipShape()
    position = serializers.IntegerField(help_text="Where it stands in the list.")
    degraded_by = serializers.CharField(help_text="Connected, yet something is wrong: a stable code.")
    restricted_until = serializers.DateTimeField(
        allow_null=True, help_text="Until then WhatsApp lets it begin no chats."
    )
    down_since = serializers.DateTimeField(allow_null=True)


class ConnectionPage(serializers.Serializer):
    results = ConnectionShape(many=True)
    next = serializers.CharField(allow_null=True)


class TransitionShape(serializers.Serializer):
    from_state = serializers.ChoiceField(choices=State.choices)
    to_state = serializers.ChoiceField(choices=State.choices)
    reason = serializers.CharField()
    detail = serializers.CharField()
    at = serializers.DateTimeField()
    worker = serializers.CharField()
    epoch = serializers.IntegerField()


class TransitionPage(serializers.Serializer):
    results = TransitionShape(many=True)
    next = serializers.CharField(allow_null=True)


class ConnectionInput(serializers.Serializer):
    name = serializers.CharField(max_length=60)
    driver = serializers.ChoiceField(choices=Driver.choices)
    sector_id = serializers.UUIDField(help_text="The sector whose queue new tickets wait in.")


class ConnectionChange(serializers.Serializer):
    name = serializers.CharField(max_length=60, required=False)
    sector_id = serializers.UUIDField(required=False)
    history_days = serializers.ChoiceField(choices=HISTORY_DAYS, required=False)
    alert_minutes = serializers.IntegerField(min_value=0, max_value=1440, required=False)
    pacing = serializers.DictField(
        required=False, help_text="Where it differs from the usual of its kind; {} is the usual."
    )
    pairing_phone = serializers.CharField(
        max_length=20, required=False, allow_blank=True, help_text="+5511…; empty: link by QR code."
    )
    driver_settings = serializers.DictField(
        required=False, help_text="What is left out stays as it is; null is forgotten."
    )
    secrets = serializers.DictField(
        child=serializers.CharField(max_length=2000, allow_blank=True),
        required=False,
        help_text="Written only. What is left out stays as it is; an empty one is forgotten.",
    )
