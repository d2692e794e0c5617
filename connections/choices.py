"""States, kinds and reasons of connections. Reasons are stable codes, told in words by the pages."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Driver(models.TextChoices):
    BROWSER = "browser", _("WhatsApp Web in a browser")
    EVOLUTION = "evolution", _("Evolution API")
    CLOUD = "cloud", _("WhatsApp Cloud API (official)")
    SIMULATOR = "simulator", _("Pretend network")


class State(models.TextChoices):
    CREATED = "created", _("Not started")
    STARTING = "starting", _("Starting")
    SCAN_QR = "scan_qr", _("Waiting for the QR code to be scanned")
    PAIRING_CODE = "pairing_code", _("Waiting for the pairing code")
    PASSKEY_REQUIRED = "passkey_required", _("Waiting for a passkey")
    SYNCING = "syncing", _("Synchronising")
    CONNECTED = "connected", _("Connected")
    RECONNECTING = "reconnecting", _("Reconnecting")
    LOGGED_OUT = "logged_out", _("Logged out")
    FAILED = "failed", _("Failed")
    BANNED = "banned", _("Banned by WhatsApp")
    STOPPED = "stopped", _("Stopped")


# A session that reached one of these has nothing left to do until somebody starts it again.
FINAL_STATES = (State.LOGGED_OUT, State.FAILED, State.BANNED, State.STOPPED)
# What only a running session can be. STARTING is what a start says while it waits for a worker.
HOSTED_STATES = (
    State.SCAN_QR,
    State.PAIRING_CODE,
    State.PASSKEY_REQUIRED,
    State.SYNCING,
    State.CONNECTED,
)


# How much of a phone's past is brought in when it is linked.
HISTORY_DAYS = [(0, _("Nothing")), (7, _("7 days")), (30, _("30 days"))]


class Ack(models.TextChoices):
    """How far a message got. Order matters: the level of a message only rises."""

    PENDING = "pending", _("Waiting")
    SENT = "sent", _("Sent")
    DELIVERED = "delivered", _("Delivered")
    READ = "read", _("Read")
    PLAYED = "played", _("Played")
    FAILED = "failed", _("Failed")
    UNCONFIRMED = "unconfirmed", _("Unconfirmed")


class Command(models.TextChoices):
    """What an `Outbound` asks for; the payload of each stands in `drivers.base`."""

    MESSAGE = "message", _("Message")
    READ = "read", _("Read mark")
    REACTION = "reaction", _("Reaction")
    EDIT = "edit", _("Edit")
    DELETION = "deletion", _("Deletion")
    FORWARD = "forward", _("Forwarded message")


class WaitsFor(models.TextChoices):
    """Why something that is queued is not being sent."""

    PACE = "pace", _("This number sends no faster")
    RETRY = "retry", _("The last attempt failed; it is tried again")
    QUIET_HOURS = "quiet_hours", _("Quiet hours")
    NEW_CHATS = "new_chats", _("This number has begun enough chats for today")
    RESTRICTION = "restriction", _("WhatsApp lets this number begin no chats for now")


class SendState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    SENDING = "sending", _("Sending")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    UNCONFIRMED = "unconfirmed", _("Unconfirmed")


class DownloadState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
