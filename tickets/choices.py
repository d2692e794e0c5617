"""Statuses, kinds and origins of the product."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from connections.choices import Ack


class Status(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    IN_SERVICE = "in_service", _("In service")
    CLOSED = "closed", _("Closed")


class Direction(models.TextChoices):
    IN = "in", _("Received")
    OUT = "out", _("Sent")
    NONE = "none", _("Entry")


class Kind(models.TextChoices):
    TEXT = "text", _("Text")
    IMAGE = "image", _("Image")
    VIDEO = "video", _("Video")
    AUDIO = "audio", _("Audio")
    VOICE = "voice", _("Voice note")
    DOCUMENT = "document", _("Document")
    STICKER = "sticker", _("Sticker")
    LOCATION = "location", _("Location")
    CONTACT = "contact", _("Contact")
    UNSUPPORTED = "unsupported", _("Unsupported")
    ENTRY = "entry", _("Entry")


class Origin(models.TextChoices):
    """Where a message came from; every figure depends on it."""

    CUSTOMER = "customer", _("Customer")
    CONSOLE = "console", _("Console")
    API = "api", _("API")
    PHONE = "phone", _("Phone")
    AUTOMATION = "automation", _("Automation")


class MediaState(models.TextChoices):
    PENDING = "pending", _("Loading")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")


class IdentityKind(models.TextChoices):
    PHONE = "phone", _("Phone")
    LID = "lid", _("LID")
    BSUID = "bsuid", _("Business-scoped id")
    USERNAME = "username", _("Username")


# The level of a message only rises: a tick with a lower rank is old news. WhatsApp may still refuse what it
# took, so a failure stands above "sent"; a tick that proves delivery overrules it.
ACK_RANK = {
    Ack.PENDING: 0,
    Ack.UNCONFIRMED: 1,
    Ack.SENT: 2,
    Ack.FAILED: 3,
    Ack.DELIVERED: 4,
    Ack.READ: 5,
    Ack.PLAYED: 6,
}


def rises(now: str | None, then: str) -> bool:
    """Whether a message at level `now` may move to `then`."""
    return now is None or ACK_RANK[Ack(then)] > ACK_RANK[Ack(now)]
