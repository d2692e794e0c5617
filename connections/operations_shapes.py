"""Shapes of running connections: figures, uptime, settings, links; and what is asked of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.conf import settings
from django.urls import reverse
from rest_framework import serializers

from accounts.serializers import PersonShape, person
from connections.choices import HISTORY_DAYS, Driver, State, WaitsFor
from connections.drivers.fields import Field
from connections.models import Connection, LinkInvitation
from connections.pacing import CAREFUL, USUAL, Pacing
from connections.sessions import vault
from connections.uptime import Day
from tenants.rendering import timestamp

# --- out --------------------------------------------------------------------------------------


def day_row(day: date, lived: Day) -> dict[str, Any]:
    return {
        "day": day.isoformat(),
        "up_seconds": round(lived.up_seconds),
        "down_seconds": round(lived.down_seconds),
        "share": lived.share,
    }


def settings_row(connection: Connection, fields: Iterable[Field]) -> dict[str, Any]:
    """Everything people set, with what can be set. Of secrets only which are there."""
    kept = vault.settings_of(connection)
    usual = USUAL.get(connection.driver, CAREFUL)
    return {
        "history_days": connection.history_days,
        "alert_minutes": connection.alert_minutes,
        "pairing_phone": connection.pairing_phone,
        "pacing": connection.pacing,
        "pacing_in_use": Pacing.parse(connection.pacing, usual).stored(),
        "driver_settings": connection.driver_settings,
        "fields": [field_row(field, is_kept=field.name in kept) for field in fields],
        "consented_by": person(connection.consented_by),
        "consented_at": timestamp(connection.consented_at),
    }


def field_row(field: Field, *, is_kept: bool) -> dict[str, Any]:
    return {
        "name": field.name,
        "label": str(field.label),
        "help": str(field.help),
        "is_secret": field.is_secret,
        "is_required": field.is_required,
        "default": field.default,
        "is_kept": is_kept,
    }


def link_row(link: LinkInvitation, token: str = "") -> dict[str, Any]:
    """`url` only where the token was made a moment ago."""
    return {
        "id": str(link.id),
        "made_by": person(link.made_by),
        "made_at": timestamp(link.made_at),
        "expires_at": timestamp(link.expires_at),
        "agreed_at": timestamp(link.agreed_at),
        "url": settings.SITE_URL + reverse("link", args=[token]) if token else None,
    }


class SharesShape(serializers.Serializer):
    """Between 0 and 1; null where the number was meant to rest all the time."""

    today = serializers.FloatField(allow_null=True)
    days_7 = serializers.FloatField(allow_null=True)
    days_30 = serializers.FloatField(allow_null=True)


class QueueWaitShape(serializers.Serializer):
    reason = serializers.ChoiceField(choices=WaitsFor.choices)
    count = serializers.IntegerField()
    until = serializers.DateTimeField()


class LastErrorShape(serializers.Serializer):
    reason = serializers.CharField()
    at = serializers.DateTimeField()


class FiguresShape(serializers.Serializer):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=State.choices)
    phone = serializers.CharField(allow_null=True)
    worker = serializers.CharField(help_text="Which worker hosts it; empty: none.")
    memory_bytes = serializers.IntegerField(allow_null=True)
    uptime = SharesShape()
    queued = serializers.IntegerField()
    empty_in_seconds = serializers.IntegerField(
        allow_null=True, help_text="Until the queue is sent, at its pace; null while not connected."
    )
    waits = QueueWaitShape(many=True)
    sent_today = serializers.IntegerField()
    received_today = serializers.IntegerField()
    failed_today = serializers.IntegerField()
    last_error = LastErrorShape(allow_null=True)
    down_since = serializers.DateTimeField(allow_null=True)
    degraded_by = serializers.CharField()
    restricted_until = serializers.DateTimeField(allow_null=True)


class TotalsShape(serializers.Serializer):
    connections = serializers.IntegerField()
    connected = serializers.IntegerField()
    down = serializers.IntegerField()
    queued = serializers.IntegerField()
    sent_today = serializers.IntegerField()
    received_today = serializers.IntegerField()
    failed_today = serializers.IntegerField()


class FiguresPage(serializers.Serializer):
    results = FiguresShape(many=True)
    totals = TotalsShape()


class UptimeDayShape(serializers.Serializer):
    day = serializers.DateField()
    up_seconds = serializers.IntegerField()
    down_seconds = serializers.IntegerField()
    share = serializers.FloatField(allow_null=True)


class UptimePage(serializers.Serializer):
    results = UptimeDayShape(many=True, help_text="In the tenant's time zone, today last.")


class SettingFieldShape(serializers.Serializer):
    name = serializers.CharField()
    is_secret = serializers.BooleanField()
    is_required = serializers.BooleanField()
    is_kept = serializers.BooleanField(help_text="Of secrets: whether one was given.")

    def get_fields(self) -> dict[str, Any]:
        # Not declared above: a serializer's own `label`, `help_text` and `default` would be shadowed.
        texts = {name: serializers.CharField() for name in ("label", "help", "default")}
        return {**super().get_fields(), **texts}


class SettingsShape(serializers.Serializer):
    history_days = serializers.ChoiceField(choices=HISTORY_DAYS)
    alert_minutes = serializers.IntegerField()
    pairing_phone = serializers.CharField()
    pacing = serializers.DictField()
    pacing_in_use = serializers.DictField()
    driver_settings = serializers.DictField()
    consented_by = PersonShape(allow_null=True)
    consented_at = serializers.DateTimeField(allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        # Not declared above: a serializer's own `fields` would be shadowed.
        return {**super().get_fields(), "fields": SettingFieldShape(many=True)}


class LinkShape(serializers.Serializer):
    id = serializers.UUIDField()
    made_by = PersonShape()
    made_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    agreed_at = serializers.DateTimeField(allow_null=True)
    url = serializers.CharField(allow_null=True, help_text="Told once, when it is made.")


class LinkPage(serializers.Serializer):
    results = LinkShape(many=True)
    next = serializers.CharField(allow_null=True)


# --- in ---------------------------------------------------------------------------------------


class OrderInput(serializers.Serializer):
    ids = serializers.ListField(child=serializers.UUIDField(), max_length=1000)


class RemovalInput(serializers.Serializer):
    name = serializers.CharField(max_length=60, help_text="The connection's name, typed again.")


class RestoreInput(serializers.Serializer):
    with_stopped = serializers.BooleanField(default=False, help_text="Also what people stopped on purpose.")


class DriverInput(serializers.Serializer):
    driver = serializers.ChoiceField(choices=Driver.choices)
    driver_settings = serializers.DictField(default=dict)
    secrets = serializers.DictField(child=serializers.CharField(max_length=2000), default=dict)
