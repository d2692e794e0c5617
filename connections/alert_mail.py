"""The e-mails that say that a number is down, and that it is up again."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from connections.alerts import recipients
from connections.templatetags.connection_words import reason_words
from events.catalog import ConnectionAlert, ConnectionDown, ConnectionRecovered
from tenants import scope


def write_alert(fact: ConnectionDown) -> EmailMessage:
    subject = _("%(name)s is not connected to WhatsApp") % {"name": fact.connection["name"]}
    return _write(fact, subject, "connections/email/down.txt")


def write_recovery(fact: ConnectionRecovered) -> EmailMessage:
    subject = _("%(name)s is connected again") % {"name": fact.connection["name"]}
    return _write(fact, subject, "connections/email/recovered.txt")


def _write(fact: ConnectionAlert, subject: str, template: str) -> EmailMessage:
    tenant, connection = scope.current(), fact.connection
    since = datetime.fromisoformat(fact.since).astimezone(ZoneInfo(tenant.time_zone))
    page = reverse("connection", args=[tenant.slug, connection["id"]])
    text = render_to_string(
        template,
        {
            "tenant": tenant,
            "connection": connection,
            "since": since,
            "why": reason_words(connection["reason"]),
            "link": settings.SITE_URL + page,
        },
    )
    return EmailMessage(subject, text, None, bcc=recipients())
