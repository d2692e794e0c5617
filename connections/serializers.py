"""Shapes of connections."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from connections.choices import Driver, State
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
